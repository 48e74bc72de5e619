import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { openRequests } from "../../src/postgres/requests.ts";
import { recordAnswers } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const HOME = mkdtempSync(join(tmpdir(), "decurion-approval-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));
const bash = (command: string) => ({ name: "Bash", input: { command } });
const read = { name: "Read", input: { file_path: "one" } };

const testEngine = useEngine({
  environment: { BUDGET_USD: "20", DECURION_HOME: HOME },
  scenario: {
    answers: [
      {
        tools: [bash("echo 1 >> one; echo first"), read, bash("echo 2 >> two")],
        when: { match: "^run two" },
      },
      { tools: [bash("echo yes >> one")], when: { match: "^run one" } },
      {
        tools: [{ name: "Write", input: { file_path: "one", content: "w" } }],
        when: { match: "^write one" },
      },
      { json: { ...GOOD, summary: "rejected" }, when: { match: "did not allow this call: too risky" } },
      { json: { ...GOOD, summary: "responded" }, when: { match: "^use the other disk" } },
      { json: { ...GOOD, summary: "edited" }, when: { match: "^A human changed the input to[^]*changed" } },
      { json: GOOD, when: { match: ".*" } },
    ],
  },
});

async function start(prompt: string, options: ThreadOptions = {}, agent = "sydney-coder") {
  const task = { id: "a", agent, description: "a", prompt, dependsOn: [] };
  const given: ThreadOptions = { autoApprove: ["plan"], synthesis: false, ...options };
  const report = await testEngine().run({ input: "x", currentTasks: [task] }, given);
  const workspace = join(HOME, "workspaces", report.thread);
  const fileOf = (name: string) => {
    const file = join(workspace, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  return { report, fileOf, asked: await openRequests(testEngine().engine.database, report.thread) };
}

/** Answers these requests and goes on with the thread. */
async function answer(thread: string, given: readonly { requestId: string; decision: Decision }[]) {
  const { engine, run } = testEngine();
  await recordAnswers(engine, given, { by: null, via: "cli" });
  const step = await nextInput(graph, engine.database, thread);
  if (!("input" in step)) throw new Error(`Still waiting for ${step.waitingFor.join(", ")}.`);
  return run(step.input, {}, thread);
}

async function callsOf(thread: string) {
  const { rows } = await testEngine().engine.database.pool.query<{ name: string; status: string }>(
    "SELECT name, status FROM tool_calls WHERE thread_id = $1 ORDER BY turn, position",
    [thread],
  );
  return rows.map(({ name, status }) => `${name} ${status}`);
}

describe("a call that a human must allow", () => {
  it("makes its task wait, with one request for each; what needs no leave is done by then", async () => {
    const { report, asked, fileOf } = await start("run two");

    expect(report.status).toBe("waiting");
    expect(report.tasks[0]).toMatchObject({ status: "waiting" });
    expect(asked.map(({ kind, payload }) => ({ kind, payload }))).toMatchObject([
      { kind: "tool", payload: { tool: "Bash", args: { command: "echo 1 >> one; echo first" }, task: "a" } },
      { kind: "tool", payload: { tool: "Bash", args: { command: "echo 2 >> two" } } },
    ]);
    expect(await callsOf(report.thread)).toEqual(["Bash asked", "Read failed", "Bash asked"]);
    expect(fileOf("one")).toBeUndefined();
  });

  it("is not lost with a process that was killed between the decision and the next step of its task", async () => {
    const { report, asked, fileOf } = await start("run one");
    const approve = { type: "approve" } as const;
    await testEngine().engine.database.pool.query(
      "UPDATE tool_calls SET decision = $2 WHERE thread_id = $1 AND status = 'asked'",
      [report.thread, approve],
    );

    const after = await answer(report.thread, [{ requestId: asked[0]?.id ?? "", decision: approve }]);

    expect(after).toMatchObject({ status: "completed", tasks: [{ status: "completed", attempts: 1 }] });
    expect(fileOf("one")).toBe("yes\n");
  });

  it("that writes a file is asked about with the change of that file", async () => {
    const agentsDir = await folderWith({ "a.md": agentFile("a", "model: haiku\ntools: Write\n") });
    const { asked } = await start("write one", { agentsDir, ask: { tool: "always" } }, "a");
    expect(asked[0]?.payload).toMatchObject({
      args: { file_path: "one", content: "w" },
      change: { isNew: true, diff: "@@ -0,0 +1,1 @@\n+w\n\\ No newline at end of file" },
    });
  });

  it("leaves the task the model of its record, although the agent's file names another one meanwhile", async () => {
    const agentsDir = await folderWith({ "a.md": agentFile("a", "model: haiku\ntools: Write\n") });
    const { report, asked } = await start("write one", { agentsDir, ask: { tool: "always" } }, "a");
    const [{ model = "" } = {}] = report.tasks;
    expect(model).toContain("haiku");
    await writeFile(join(agentsDir, "a.md"), agentFile("a", "model: opus\ntools: Write\n"));

    const after = await answer(report.thread, [
      { requestId: asked[0]?.id ?? "", decision: { type: "approve" } },
    ]);

    expect(after.tasks[0]).toMatchObject({ status: "completed", model });
  });

  it("runs once when it is approved, and the attempt goes on from the journal for nothing", async () => {
    const { claude } = testEngine();
    const { report, asked, fileOf } = await start("run one");
    claude.reset();

    const [request] = asked;
    const after = await answer(report.thread, [
      { requestId: request?.id ?? "", decision: { type: "approve" } },
    ]);

    expect(after.tasks[0]).toMatchObject({ status: "completed", summary: "done", attempts: 1 });
    expect(fileOf("one")).toBe("yes\n");
    expect(claude.account().answers).toBe(1);
    expect(after.calls).toMatchObject({ paid: 2, replayed: 1 });
  });

  it("of several runs alone when it alone is approved; the rest is asked on in the same requests", async () => {
    const { report, asked, fileOf } = await start("run two");
    const [first, second] = asked;

    const between = await answer(report.thread, [
      { requestId: second?.id ?? "", decision: { type: "approve" } },
    ]);

    expect(between.status).toBe("waiting");
    expect([fileOf("one"), fileOf("two")]).toEqual([undefined, "2\n"]);
    const open = await openRequests(testEngine().engine.database, report.thread);
    expect(open.map(({ id }) => id)).toEqual([first?.id]);

    const after = await answer(report.thread, [
      { requestId: first?.id ?? "", decision: { type: "approve" } },
    ]);

    expect(after.status).toBe("completed");
    expect([fileOf("one"), fileOf("two")]).toEqual(["1\n", "2\n"]);
    expect(await callsOf(report.thread)).toEqual(["Bash done", "Read failed", "Bash done"]);
  });

  it.each<[string, Decision, string, string | undefined]>([
    ["changed", { type: "edit", args: { command: "echo changed | tee one" } }, "edited", "changed\n"],
    ["rejected", { type: "reject", message: "too risky" }, "rejected", undefined],
    ["answered", { type: "respond", message: "use the other disk" }, "responded", undefined],
  ])("is %s by a human, and the agent is told so", async (_, decision, summary, file) => {
    const { report, asked, fileOf } = await start("run one");

    const after = await answer(report.thread, [{ requestId: asked[0]?.id ?? "", decision }]);

    expect(after.tasks[0]).toMatchObject({ status: "completed", summary, attempts: 1 });
    expect(fileOf("one")).toBe(file);
  });

  it("cannot be changed to something that is no arguments", async () => {
    const { report, asked } = await start("run one");
    const decision: Decision = { type: "edit", args: "rm -rf" };
    const requestId = asked[0]?.id ?? "";
    await expect(answer(report.thread, [{ requestId, decision }])).rejects.toThrow("JSON object");
  });
});

describe("who is asked about what", () => {
  it.each<[string, ThreadOptions, string]>([
    ["run one", { autoApprove: ["plan", "tool"] }, "completed"],
    ["run one", { ask: { tool: "never" } }, "completed"],
    ["write one", {}, "completed"],
    ["write one", { ask: { tool: "writes" } }, "waiting"],
    ["write one", { ask: { tool: "always" } }, "waiting"],
  ])("%s with %j: %s", async (prompt, options, status) => {
    const { report } = await start(prompt, options);
    expect(report.status).toBe(status);
  });
});
