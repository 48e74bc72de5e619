import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { NO_END } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work itself.", confidence: 1, emotionalState: {} };
const testCli = useCli({
  answers: [
    { json: GOOD, when: { match: "A human[^]*use JSON" } },
    { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
  ],
  faults: [{ kind: "latency", ms: 500, when: { match: "say what you know" } }],
});

async function runTask(prompt: string, ...options: string[]) {
  const file = join(testCli().folder, "plan.json");
  await writeFile(file, JSON.stringify({ tasks: [{ id: "one", agent: "sydney-coder", prompt }] }));
  return testCli().run(["run", "orchestrate", "--plan", file, "--auto-approve", "--json", ...options]);
}

describe("a budget that is too small", () => {
  it("ends the run with 3 before anything is paid; answer --budget goes on from there", async () => {
    const { run, claude } = testCli();
    claude.reset();
    const asked = await runTask("Write it.", "--budget", "0.01");

    expect(asked.code).toBe(3);
    const { waiting, costUsd, thread } = JSON.parse(asked.stdout);
    expect(waiting).toEqual([
      {
        id: expect.stringMatching(/^budget-[0-9a-f]{16}$/),
        kind: "budget",
        task: null,
        summary: expect.stringMatching(
          /^The budget of \$0\.0100 is too small for the next call: it may cost up to \$0\.\d+, .* Raise it to/,
        ),
      },
    ]);
    expect(costUsd).toBe(0);
    expect(claude.account().answers).toBe(0);
    const inbox = await run(["inbox", thread]);
    expect(inbox.stdout).toContain(`npm run graph -- answer ${waiting[0].id} --budget <USD>`);

    const little = await run(["answer", waiting[0].id, "--budget", "0.011"]);
    expect(little).toMatchObject({ code: 2, stderr: expect.stringMatching(/at least 0\.\d\d USD/) });
    const done = await run(["answer", waiting[0].id, "--budget", "0.6", "--json"]);

    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ thread, status: "completed", budgetUsd: 0.6 });
  });

  it("is asked about on a terminal, and an amount goes on at once", async () => {
    const args = ["run", "orchestrate", "@sydney-coder Write it.", "--auto-approve", "--budget", "0.01"];
    const { stdout, code } = await testCli().onTerminal(args, [["Go on?", "0.5\n"]]);

    expect(stdout).toContain("The budget is too small for the next call");
    expect(stdout).toContain("[y]es, another amount in USD, [n]o, [l]ater");
    expect(code).toBe(0);
  });
});

describe("a day's ceiling", () => {
  it("holds over all threads, and is asked about until it is raised", async () => {
    const { run } = testCli();
    const environment = { DAY_BUDGET_USD: "0.0001" };
    const args = ["run", "orchestrate", "@sydney-coder Write it.", "--auto-approve", "--json"];
    const asked = await run(args, environment);
    const { waiting, thread } = JSON.parse(asked.stdout);

    expect(asked.code).toBe(3);
    expect(waiting).toMatchObject([
      { kind: "budget", summary: expect.stringMatching(/^Today's ceiling.*DAY_BUDGET_USD/) },
    ]);
    const raise = await run(["answer", waiting[0].id, "--budget", "9"], environment);
    expect(raise).toMatchObject({ code: 2, stderr: expect.stringMatching(/approve, reject, not with edit/) });
    const still = await run(["answer", waiting[0].id, "approve", "--json"], environment);
    expect(still.code).toBe(3);
    const again = JSON.parse(still.stdout).waiting[0].id;
    expect(again).not.toBe(waiting[0].id);
    const done = await run(["answer", again, "approve", "--json"], { DAY_BUDGET_USD: "5" });
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ thread, status: "completed" });
  });
});

describe("the four built-in agents", () => {
  it("run truly side by side under the default budget, and their answer fits too", async () => {
    const { run, claude } = testCli();
    claude.reset();
    const names = ["research", "coder", "validator", "whisper"];
    const input = names.map((name) => `@sydney-${name} say what you know of queues and locks`).join(" ");

    const { code, stdout } = await run(["run", "orchestrate", input, "--auto-approve", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", budgetUsd: 0.3, peakParallel: 4 });
    expect(claude.account().peakRunning).toBe(4);
  });
});

describe("a task that fails to the end of its ladder", () => {
  it("waits over a restart: retry with a word of advice, and its attempts go on counting", async () => {
    const asked = await runTask("garbled work", "--budget", "5");

    expect(asked.code).toBe(3);
    const { waiting, tasks } = JSON.parse(asked.stdout);
    expect(tasks).toMatchObject([{ status: "waiting", attempts: 6, escalated: true }]);
    expect(waiting).toMatchObject([{ kind: "failure", task: "one" }]);
    const { stdout } = await testCli().run(["inbox"]);
    expect(stdout).toContain(`answer ${waiting[0].id} retry`);

    const again = await testCli().run(["answer", waiting[0].id, "retry", "--json"]);
    expect(again.code).toBe(3);
    const second = JSON.parse(again.stdout);
    expect(second.tasks).toMatchObject([{ status: "waiting", attempts: 12 }]);

    const how = ["answer", second.waiting[0].id, "respond", "--message", "use JSON", "--json"];
    const done = await testCli().run(how);
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout).tasks).toMatchObject([{ attempts: 13, escalated: false }]);
  });

  it("is decided on a terminal, with all that is known shown", async () => {
    const args = ["run", "orchestrate", "@sydney-coder garbled work", "--auto-approve", "--no-escalation"];
    const { stdout, code } = await testCli().onTerminal([...args, "--budget", "5"], [["What now?", "a\n"]]);

    expect(stdout).toContain("A task has failed");
    expect(stdout).toMatch(/Attempt 5 \(claude-sonnet-5-5\)/);
    expect(stdout).not.toMatch(/Attempt 6 /);
    expect(stdout).toContain("The last answer:\r\n│ This answer has no end.");
    expect(code).toBe(0);
  });
});
