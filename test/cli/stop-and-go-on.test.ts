import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

/** The first call of the n-th slow task takes a minute, so that its run is under way until it is stopped. */
const testCli = useCli({
  faults: [
    ...[1, 2, 3, 4].map((n) => ({
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

async function startSlow(prompt = `Do slow task ${++slowTasks}.`) {
  const thread = randomUUID();
  const plan = await slowPlan(prompt);
  const before = testCli().claude.account().faults["latency"] ?? 0;
  const running = testCli().start([
    ...["run", "orchestrate", "--plan", plan, "--thread", thread, "--auto-approve"],
  ]);
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

  it("by one signal finishes and keeps what it pays for, and begins nothing more", async () => {
    const { thread, running } = await startSlow("Do it in a moment.");
    const { run, claude } = testCli();

    running.child.kill("SIGTERM");

    expect((await running.ended).code).toBe(130);
    const left = JSON.parse((await run(["show", thread, "--json"])).stdout);
    expect(left).toMatchObject({ status: "running", calls: { paid: 3, unknown: 0 } });
    expect(left.tasks.map((task: { status: string }) => task.status)).toEqual(Array(3).fill("completed"));
    const before = claude.account().answers;
    expect((await run(["resume", thread])).code).toBe(0);
    expect(claude.account().answers).toBe(before + 1); // The synthesis.
  });

  it("by kill -9 goes on from what is recorded, and finished tasks are not paid for again", async () => {
    const { thread, running } = await startSlow();
    running.child.kill("SIGKILL");
    await running.ended;

    await expectGoesOn(thread);
  });
});

/** The thread is running for everybody else until it is resumed; then the two finished tasks stand as they are. */
async function expectGoesOn(thread: string): Promise<void> {
  const { run, claude } = testCli();
  const left = JSON.parse((await run(["show", thread, "--json"])).stdout);
  expect(left.status).toBe("running");
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
