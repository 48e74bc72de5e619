import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

/** The first call of the n-th slow task takes a minute, so that its run is under way until it is stopped. */
const testCli = useCli({
  faults: [
    ...[1, 2, 3, 4, 5].map((n) => ({
      kind: "latency" as const,
      ms: 60_000,
      when: { match: `^Do slow task ${n}`, times: 1 },
    })),
    { kind: "latency", ms: 4000, when: { match: "^Do it in a moment" } },
  ],
});
let slowTasks = 0;

/** Two tasks that are done at once, and a slow one after them. */
async function slowPlan(prompt: string): Promise<string> {
  const file = join(testCli().folder, "slow.json");
  const agent = "sydney-coder";
  const tasks = [
    { id: "one", agent, prompt: "Do one." },
    { id: "two", agent, prompt: "Do two." },
    { id: "three", agent, prompt, dependsOn: ["one", "two"] },
  ];
  await writeFile(file, JSON.stringify({ tasks }));
  return file;
}

async function startSlow(prompt = `Do slow task ${++slowTasks}.`, environment = {}) {
  const thread = randomUUID();
  const plan = await slowPlan(prompt);
  const before = testCli().claude.account().faults["latency"] ?? 0;
  const words = ["run", "orchestrate", "--plan", plan, "--thread", thread, "--auto-approve"];
  const running = testCli().start(words, environment);
  await running.saying("started    three");
  await expect.poll(() => testCli().claude.account().faults["latency"]).toBe(before + 1);
  return { thread, running };
}

describe("a run that is stopped", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "by %s twice ends at once, says how to go on, and goes on from there",
    async (signal) => {
      const { thread, running } = await startSlow();

      running.child.kill(signal);
      await running.saying("to stop immediately");
      running.child.kill(signal);

      const { code, stderr } = await running.ended;
      expect(code).toBe(130);
      expect(stderr).toContain(`npm run graph -- resume ${thread}`);
      expect(stderr).not.toContain("decurion:");
      const { calls } = JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);
      expect(calls).toMatchObject({ paid: 2, unknown: 1 }); // The call that was cut off is settled.
      await expectGoesOn(thread);
    },
  );

  it.each(["SIGTERM", "SIGHUP"] as const)(
    "by one %s finishes and keeps what it pays for, and begins nothing more",
    async (signal) => {
      const { thread, running } = await startSlow("Do it in a moment.");
      const { run, claude } = testCli();

      running.child.kill(signal);
      if (signal === "SIGHUP") running.child.kill(signal); // A shell sends it again.

      expect((await running.ended).code).toBe(130);
      const left = JSON.parse((await run(["show", thread, "--json"])).stdout);
      expect(left).toMatchObject({ status: "stopped", calls: { paid: 3, unknown: 0 } });
      expect(left.tasks.map((task: { status: string }) => task.status)).toEqual(Array(3).fill("completed"));
      const before = claude.account().answers;
      expect((await run(["resume", thread])).code).toBe(0);
      expect(claude.account().answers).toBe(before + 1); // The synthesis.
    },
  );

  it("by a terminal that is closed finishes and keeps what it pays for, and goes on from there", async () => {
    const { run, claude, openTerminal } = testCli();
    const thread = randomUUID();
    const plan = await slowPlan("Do it in a moment, on a terminal.");
    const before = claude.account().faults["latency"] ?? 0;
    const words = ["run", "orchestrate", "--plan", plan, "--thread", thread, "--auto-approve"];
    const { child } = openTerminal(words);
    await expect.poll(() => claude.account().faults["latency"]).toBe(before + 1);

    child.kill("SIGKILL");

    const shown = async () => JSON.parse((await run(["show", thread, "--json"])).stdout);
    await expect.poll(async () => (await shown()).status).toBe("stopped");
    expect(await shown()).toMatchObject({ calls: { paid: 3, unknown: 0 } });
    expect((await run(["resume", thread])).code).toBe(0);
    expect(await shown()).toMatchObject({ status: "completed", calls: { paid: 4, unknown: 0 } });
  });

  it("by kill -9 goes on from what is recorded, and finished tasks are not paid for again", async () => {
    const { thread, running } = await startSlow();
    running.child.kill("SIGKILL");
    await running.ended;

    await expectGoesOn(thread);
  });

  it("keeps what it pays for when npm passes on the Ctrl-C that the terminal has sent", async () => {
    const { thread, running } = await startSlow("Do it in a moment.", { npm_lifecycle_event: "graph" });

    running.child.kill("SIGINT");
    running.child.kill("SIGINT");

    expect((await running.ended).code).toBe(130);
    const left = JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);
    expect(left.calls).toMatchObject({ paid: 3, unknown: 0 });
  });
});

describe("threads that nobody runs", () => {
  it("are listed and shown as stopped with the command that continues them, and are not waited for", async () => {
    const { run } = testCli();
    const { thread, running } = await startSlow();
    running.child.kill("SIGKILL");
    await running.ended;

    const listed = await run(["list", "--status", "stopped"]);
    expect(listed.stdout).toMatch(new RegExp(`${thread.slice(0, 8)} +stopped`));
    expect(listed.stdout).toContain("npm run graph -- resume --all");
    const { threads } = JSON.parse((await run(["list", "--status", "stopped", "--json"])).stdout);
    const resume = `npm run graph -- resume ${thread}`;
    expect(threads).toContainEqual(expect.objectContaining({ id: thread, status: "stopped", resume }));
    expect((await run(["list", "--status", "running"])).stdout).toBe("No thread is running.\n");
    expect((await run(["show", thread])).stdout).toContain(resume);
    const watched = await run(["watch", thread]);
    expect(watched.code).toBe(130);
    expect(watched.stderr).toContain(resume);
  });

  it("are all resumed by resume --all, which says what it does", async () => {
    const { run } = testCli();
    const { threads } = JSON.parse((await run(["list", "--status", "stopped", "--json"])).stdout);
    const ids = threads.map(({ id }: { id: string }) => id);
    expect(ids.length).toBeGreaterThan(1);

    const resumed = await run(["resume", "--all", "--json"]);

    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(`${ids.length} stopped threads.`);
    expect(resumed.stderr).toContain(`1 of ${ids.length}: ${ids.at(-1).slice(0, 8)} (orchestrate)`);
    const ended = JSON.parse(resumed.stdout).threads;
    expect(ended.map((report: { thread: string }) => report.thread)).toEqual(ids.toReversed());
    expect(ended.every((report: { status: string }) => report.status === "completed")).toBe(true);
    const again = await run(["resume", "--all"]);
    expect(again).toMatchObject({ code: 0, stderr: "No thread is stopped.\n" });
  });
});

/** The thread is stopped for everybody until it is resumed; then the two finished tasks stand as they are. */
async function expectGoesOn(thread: string): Promise<void> {
  const { run, claude } = testCli();
  const left = JSON.parse((await run(["show", thread, "--json"])).stdout);
  expect(left).toMatchObject({ status: "stopped", resume: `npm run graph -- resume ${thread}` });
  const statuses = (tasks: { id: string; status: string }[]) =>
    Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
  expect(statuses(left.tasks)).toMatchObject({ one: "completed", two: "completed" });
  const before = claude.account().answers;

  const resumed = await run(["resume", thread, "--json"]);

  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  const report = JSON.parse(resumed.stdout);
  expect(report.status).toBe("completed");
  expect(statuses(report.tasks)).toEqual({ one: "completed", two: "completed", three: "completed" });
  expect(claude.account().answers).toBe(before + 2); // Task three and the synthesis.
}

describe("a thread that is being run", () => {
  it("is refused to a second process, and can be watched by it", async () => {
    const { thread, running } = await startSlow();
    const { run, start } = testCli();

    const second = await run(["resume", thread]);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/Another process runs thread/);

    const watching = start(["watch", thread]);
    await watching.saying(/completed +two/);
    watching.child.kill("SIGINT");
    expect(await watching.ended).toMatchObject({ code: 130 });

    running.child.kill("SIGINT");
    await running.saying("to stop immediately");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
    expect((await run(["resume", thread])).code).toBe(0);
  });
});
