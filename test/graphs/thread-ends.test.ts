import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const testCli = useCli({
  faults: [
    { kind: "latency", ms: 60_000, when: { match: "^Wait long" } },
    { kind: "latency", ms: 5000, when: { match: "^Wait a moment" } },
  ],
});
let studio: Studio;
let client: Client;

async function open(port?: number): Promise<void> {
  studio = await startStudio(testCli(), port);
  client = new Client({ apiUrl: studio.address, apiKey: studio.token });
}
beforeAll(() => open());
afterAll(() => studio?.stop());

const task = (id: string, prompt: string, dependsOn: string[] = []) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn,
});
const inputOf = (prompt: string) => ({
  input: "x",
  currentTasks: [task("a", prompt), task("b", "Do it too.", ["a"])],
});
const CONTEXT = { autoApprove: ["plan"], synthesis: false };
const show = async (thread: string) => JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);

async function startSlow(prompt: string) {
  const { thread_id: thread } = await client.threads.create();
  const before = testCli().claude.account().running;
  const run = await client.runs.create(thread, "orchestrate", { input: inputOf(prompt), context: CONTEXT });
  await expect.poll(() => testCli().claude.account().running, { timeout: 30_000 }).toBe(before + 1);
  return { thread, run: run.run_id };
}

describe("a client of the LangGraph server", () => {
  it("deletes a thread with all that it owns", async () => {
    const { thread_id: thread } = await client.threads.create();
    await client.runs.wait(thread, "orchestrate", { input: inputOf("Do it.") });
    expect((await show(thread)).status).toBe("waiting");

    await client.threads.delete(thread);

    const gone = await testCli().run(["show", thread]);
    expect(gone.stderr).toContain(`There is no thread ${thread}`);
    await expect(client.threads.get(thread)).rejects.toThrow(/404/);
  });

  it("interrupts a run by another one, which waits until the first has left the thread", async () => {
    const { thread } = await startSlow("Wait long.");

    await client.runs.wait(thread, "orchestrate", {
      input: inputOf("Do it."),
      context: CONTEXT,
      multitaskStrategy: "interrupt",
    });

    expect((await show(thread)).status).toBe("completed");
  });

  it("enqueues a run behind another one, which ends first; both are whole", async () => {
    const { thread } = await startSlow("Wait a moment.");

    await client.runs.wait(thread, "orchestrate", {
      input: inputOf("Do it."),
      context: CONTEXT,
      multitaskStrategy: "enqueue",
    });

    expect(await show(thread)).toMatchObject({ status: "completed", calls: { paid: 4, unknown: 0 } });
  });

  it("is refused a run beside another one, which goes on", async () => {
    const { thread, run } = await startSlow("Wait a moment.");
    const second = client.runs.create(thread, "orchestrate", {
      input: inputOf("Do it."),
      context: CONTEXT,
      multitaskStrategy: "reject",
    });

    await expect(second).rejects.toThrow(/422|409/);
    await client.runs.join(thread, run);
    expect(await show(thread)).toMatchObject({ status: "completed", calls: { paid: 2, unknown: 0 } });
  });

  it("rolls a run back for another one, which begins from before it; its calls stay in the ledger", async () => {
    const { thread } = await startSlow("Wait long, then roll back.");

    await client.runs.wait(thread, "orchestrate", {
      input: inputOf("Do it."),
      context: CONTEXT,
      multitaskStrategy: "rollback",
    });

    const { status, tasks, calls } = await show(thread);
    expect(status).toBe("completed");
    expect(tasks.map((one: { id: string; status: string }) => [one.id, one.status])).toEqual([
      ["a", "completed"],
      ["b", "completed"],
    ]);
    expect(calls).toMatchObject({ paid: 2, unknown: 1 });
  });

  it("stops a run, whose thread is stopped; a cancelled one does not come back", async () => {
    const { thread, run } = await startSlow("Wait long.");

    await client.runs.cancel(thread, run, true);
    await expect.poll(async () => (await show(thread)).status, { timeout: 30_000 }).toBe("stopped");
    expect((await testCli().run(["cancel", thread])).code).toBe(0);

    await expect(client.runs.wait(thread, "orchestrate", { input: null })).rejects.toThrow(
      /has ended \(cancelled\)/,
    );
    expect((await show(thread)).status).toBe("cancelled");
  });
});

describe("a server that is stopped", () => {
  it("finishes its calls and, started again, continues its threads", async () => {
    const { thread } = await startSlow("Wait a moment.");
    const { port } = studio;

    expect(await studio.stop()).toBe(130);

    expect(await show(thread)).toMatchObject({ status: "stopped", calls: { paid: 1, unknown: 0 } });
    await open(port);
    await expect.poll(async () => (await show(thread)).status, { timeout: 60_000 }).toBe("completed");
    expect((await show(thread)).calls).toMatchObject({ paid: 2, unknown: 0 });
  });

  it("by a kill continues them too", async () => {
    const { thread } = await startSlow("Wait a moment, then die.");
    const { port } = studio;

    await studio.kill();
    await open(port);

    await expect.poll(async () => (await show(thread)).status, { timeout: 60_000 }).toBe("completed");
  });
});
