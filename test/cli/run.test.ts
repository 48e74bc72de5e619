import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SECRET_KEY, useCli } from "../support/cli.ts";

const REQUEST = "Compare three ways to shard a Postgres queue, with risks. Losing a job is worst.";
const testCli = useCli({ faults: [{ status: 400, when: { match: "forbidden" } }] });

async function planFile(name: string, tasks: readonly object[]): Promise<string> {
  const file = join(testCli().folder, name);
  await writeFile(file, JSON.stringify({ tasks }));
  return file;
}

describe("run --json", () => {
  it("prints exactly one document, with every key of the contract in its order", async () => {
    const { code, stdout, stderr } = await testCli().run([
      ...["run", "orchestrate", REQUEST, "--auto-approve", "--json"],
      ...["--parallel", "10", "--budget", "0.5"],
    ]);

    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(
      "thread graph status simulated output tasks waiting answers costUsd budgetUsd tokens calls peakParallel phasesMs wallMs".split(
        " ",
      ),
    );
    expect(document).toMatchObject({ graph: "orchestrate", status: "completed", budgetUsd: 0.5 });
    expect(document).toMatchObject({ simulated: false, waiting: [], output: expect.any(String) });
    for (const task of document.tasks) {
      expect(Object.keys(task)).toEqual(
        "id agent status attempts escalated model summary output costUsd ms error execution".split(" "),
      );
    }
    expect(Object.keys(document.tokens)).toEqual(["input", "output", "cacheRead", "cacheWrite"]);
    expect(Object.keys(document.calls)).toEqual(["paid", "replayed", "unknown", "failed"]);
    expect(Object.keys(document.phasesMs)).toEqual(["plan", "agents", "synthesis"]);
    expect(stderr).not.toMatch(/Warning|SIMULATED/);
    expect(stdout + stderr).not.toContain(SECRET_KEY);
  });

  it("says that it waits with exit 3, is answered in another process and goes on there", async () => {
    const asked = await testCli().run(["run", "orchestrate", REQUEST, "--json"]);
    expect(asked.code).toBe(3);
    const { waiting, thread, status } = JSON.parse(asked.stdout);
    expect(status).toBe("waiting");
    expect(waiting).toEqual([
      { id: expect.any(String), kind: "plan", task: null, summary: expect.any(String) },
    ]);

    const inbox = await testCli().run(["inbox", thread, "--json"]);
    expect(JSON.parse(inbox.stdout).waiting).toMatchObject([{ id: waiting[0].id, kind: "plan" }]);

    const answered = await testCli().run(["answer", waiting[0].id, "approve", "--json"]);
    expect(answered.code).toBe(0);
    expect(JSON.parse(answered.stdout)).toMatchObject({ thread, status: "completed", waiting: [] });

    const late = await testCli().run(["answer", waiting[0].id, "reject"]);
    expect(late).toMatchObject({ code: 2, stdout: "" });
    expect(late.stderr).toMatch(/^decurion: Request plan-\w+ was already answered with "approve"/m);
  });

  it("ends with 1 when only some tasks completed, and when the plan is rejected", async () => {
    const plan = await planFile("partial.json", [
      { id: "good", agent: "sydney-coder", prompt: "Write." },
      { id: "bad", agent: "sydney-coder", prompt: "forbidden" },
      { id: "after", agent: "sydney-coder", prompt: "Go on.", dependsOn: ["bad"] },
    ]);

    const partial = await testCli().run(["run", "orchestrate", "--plan", plan, "--auto-approve", "--json"]);
    expect(partial.code).toBe(1);
    const statuses = JSON.parse(partial.stdout).tasks.map((task: { status: string }) => task.status);
    expect(statuses).toEqual(["completed", "failed", "blocked"]);

    const asked = await testCli().run(["run", "orchestrate", "--plan", plan, "--json"]);
    const rejected = await testCli().run([
      "answer",
      JSON.parse(asked.stdout).waiting[0].id,
      "reject",
      "--json",
    ]);
    expect(rejected.code).toBe(1);
    expect(JSON.parse(rejected.stdout)).toMatchObject({ status: "cancelled", tasks: [] });
  });

  it("without a key talks to the bundled simulator and says so loudly", async () => {
    const noKey = { ANTHROPIC_API_KEY: "", ANTHROPIC_BASE_URL: "" };

    const { code, stdout, stderr } = await testCli().run(
      ["run", "orchestrate", "@sydney-research look around", "--auto-approve", "--json"],
      noKey,
    );

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ simulated: true, status: "completed" });
    expect(stderr).toContain("SIMULATED: no ANTHROPIC_API_KEY is set");
  });
});

describe("run on a pipe", () => {
  it("puts the answer on stdout and progress and money on stderr, and the thread can be looked at", async () => {
    const { run } = testCli();
    const { code, stdout, stderr } = await run([
      ...["run", "orchestrate", "@sydney-coder write a haiku about queues", "--auto-approve"],
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain("write a haiku about queues");
    expect(stderr).toMatch(/^started +sydney-coder \(sydney-coder\)$/m);
    expect(stderr).toMatch(/^completed +sydney-coder .*\$0\.\d+/m);
    expect(stderr).toMatch(/Completed · 1 of 1 task · \$0\.\d+ of \$0\.30/);
    const [, thread = ""] = /^Thread (\S+)$/m.exec(stderr) ?? [];

    const shown = await run(["show", thread]);
    expect(shown.stdout).toContain("write a haiku about queues");
    expect(JSON.parse((await run(["show", thread, "--json"])).stdout)).toMatchObject({ thread });
    const listed = JSON.parse((await run(["list", "--json"])).stdout).threads;
    expect(listed[0]).toMatchObject({ id: thread, status: "completed", tasks: { completed: 1 } });
    expect((await run(["list"])).stdout).toContain(thread.slice(0, 8));
    const cost = JSON.parse((await run(["cost", thread, "--json"])).stdout);
    expect(cost).toMatchObject({ thread, calls: { paid: 1 }, lines: [{ agent: "sydney-coder" }] });
    expect((await run(["cost"])).stdout).toContain("total");
    const watched = await run(["watch", thread]);
    expect(watched).toMatchObject({ code: 0, stdout });
    expect(await run(["resume", thread])).toMatchObject({ code: 0, stdout });
  });
});

describe("run on a terminal", () => {
  it("shows the plan, asks, and goes on when yes is typed", async () => {
    const { code, stdout } = await testCli().onTerminal(
      ["run", "orchestrate", REQUEST],
      [["Approve?", "y\n"]],
    );

    expect(code).toBe(0);
    expect(stdout).toContain("A plan waits for you");
    expect(stdout).toMatch(/4 tasks in 2 waves/);
    expect(stdout).toMatch(/✓.*facts/);
    expect(stdout).toMatch(/Completed.*4 of 4 tasks/);
    expect(stdout).toContain("\u001b[?25h"); // The cursor is given back.
  });

  it("asks for the input when it is given no command", async () => {
    const { code, stdout } = await testCli().onTerminal(
      [],
      [
        ["What should the agents do?", "@sydney-coder write a haiku\n"],
        ["Approve?", "y\n"],
      ],
    );

    expect(code).toBe(0);
    expect(stdout).toMatch(/Completed.* · 1 of 1 task/);
  });

  it("makes a new plan when it is rejected with a reason, and leaves it when later is typed", async () => {
    const { code, stdout } = await testCli().onTerminal(
      ["run", "orchestrate", REQUEST],
      [
        ["Approve?", "what\n"],
        ["Approve?", "r\n"],
        ["Why?", "fewer tasks\n"],
        ["Approve?", "l\n"],
      ],
    );

    expect(code).toBe(3);
    expect(stdout).toMatch(/npm run graph -- answer plan-\w+ approve/);
  });
});
