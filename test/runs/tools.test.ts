import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";
import { testFolder } from "../support/workspace.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const HOME = mkdtempSync(join(tmpdir(), "decurion-tools-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));
/** Takes memory until somebody ends it. */
const HOG = `"${process.execPath}" -e "const all = []; setInterval(() => all.push(Buffer.alloc(1e7, 1)), 5)"`;
const call = (name: string, input: Record<string, unknown>) => ({ name, input });

const testEngine = useEngine({
  environment: { BUDGET_USD: "20", DECURION_HOME: HOME, AGENT_MEMORY_MB: "64" },
  scenario: {
    answers: [
      { json: { ...GOOD, summary: "careful" }, when: { match: "is written[^]*This call was interrupted" } },
      { json: { ...GOOD, summary: "ate less" }, when: { match: "^eat memory[^]*Earlier attempts[^]*64 MB" } },
      { tools: [call("Bash", { command: HOG })], when: { match: "^eat memory" } },
      { tools: [call("Nothing", {})], when: { match: "^name your tools" } },
      { tools: [call("Write", { file_path: "notes/a.txt", content: "alpha\n" })], when: { match: "^write" } },
      {
        tools: [call("Read", { file_path: "notes/a.txt" }), call("Glob", { pattern: "**/*.txt" })],
        when: { match: "is written" },
      },
      { json: GOOD, when: { match: "1\talpha\nnotes/a.txt" } },
      {
        tools: [call("Fly", { to: "the moon" }), call("Read", { path: 7 })],
        when: { match: "^use what is not there" },
      },
      {
        json: { ...GOOD, summary: "told" },
        when: { match: 'There is no tool "Fly"[^]*The input is invalid: file_path' },
      },
      {
        tools: [
          call("Write", { file_path: "a.txt", content: "alpha" }),
          call("Bash", { command: "echo once >> ran; touch started; sleep 1000" }),
        ],
        when: { match: "^long work" },
      },
      { tools: [call("Read", { file_path: "long.txt" })], when: { match: "^read much" } },
      {
        json: { ...GOOD, summary: "shortened" },
        when: { match: "characters are left out here; read_result" },
      },
    ],
  },
});
const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };

function task(id: string, prompt: string, agent = "sydney-coder") {
  return { id, agent, description: id, prompt, dependsOn: [] as string[] };
}

async function callsOf(thread: string) {
  const { rows } = await testEngine().engine.database.pool.query(
    `SELECT turn, position, name, status, is_error AS "isError", result FROM tool_calls
     WHERE thread_id = $1 ORDER BY turn, position`,
    [thread],
  );
  return rows;
}

describe("an agent with tools", () => {
  it("uses them turn by turn in the thread's own workspace, and each call is a row", async () => {
    const report = await testEngine().run(
      { input: "x", currentTasks: [task("a", "write it down")] },
      OPTIONS,
    );

    expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "done", attempts: 1 });
    expect(readFileSync(join(HOME, "workspaces", report.thread, "notes/a.txt"), "utf8")).toBe("alpha\n");
    expect(await callsOf(report.thread)).toEqual([
      { turn: 1, position: 1, name: "Write", status: "done", isError: false, result: expect.any(String) },
      { turn: 2, position: 1, name: "Read", status: "done", isError: false, result: "1\talpha" },
      { turn: 2, position: 2, name: "Glob", status: "done", isError: false, result: "notes/a.txt" },
    ]);
    const told = report.events.filter((event) => event.type === "tool");
    expect(told.map(({ name, status }) => `${name} ${status}`).slice(0, 2)).toEqual([
      "Write running",
      "Write done",
    ]);
  });

  it("is told of a tool that is not there and of input that does not fit; neither fails the attempt", async () => {
    const { tasks, thread } = await testEngine().run(
      { input: "x", currentTasks: [task("a", "use what is not there")] },
      OPTIONS,
    );

    expect(tasks[0]).toMatchObject({ status: "completed", summary: "told", attempts: 1 });
    expect((await callsOf(thread)).map(({ status }) => status)).toEqual(["failed", "failed"]);
  });

  it("is shown the head and the tail of a long result, which is kept whole", async () => {
    const workspace = await testFolder();
    writeFileSync(join(workspace, "long.txt"), "0123456789\n".repeat(5000));

    const { tasks, thread } = await testEngine().run(
      { input: "x", currentTasks: [task("a", "read much")] },
      { ...OPTIONS, workspace },
    );

    expect(tasks[0]).toMatchObject({ status: "completed", summary: "shortened" });
    const [{ result }] = await callsOf(thread);
    expect(result).toContain("\n2000\t0123456789");
  });
});

describe("a run that is stopped while a tool runs", () => {
  it("goes on from the journal: what was done is not done again, what was interrupted is told so", async () => {
    const { engine, claude, run } = testEngine();
    const threadId = randomUUID();
    const workspace = join(HOME, "workspaces", threadId);
    const stop = new AbortController();
    const options = { ...OPTIONS, autoApprove: ["plan" as const, "tool" as const] };
    const input = { input: "x", currentTasks: [task("a", "long work")] };
    const running = drive(graph, input, { threadId, options, signal: stop.signal });
    running.catch(() => undefined);
    await expect.poll(() => existsSync(join(workspace, "started"))).toBe(true);
    stop.abort();
    await expect(running).rejects.toThrow();
    await expect.poll(() => engine.claims.claim(threadId)).toBe(true);
    await engine.release(threadId);
    expect((await callsOf(threadId)).map(({ status }) => status)).toEqual(["done", "running"]);
    claude.reset();

    const step = await nextInput(graph, engine.database, threadId);
    const report = await run("input" in step ? step.input : null, {}, threadId);

    expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "careful", attempts: 1 });
    expect(readFileSync(join(workspace, "ran"), "utf8")).toBe("once\n");
    expect(readFileSync(join(workspace, "a.txt"), "utf8")).toBe("alpha");
    expect(claude.account().answers).toBe(1);
    expect(report.calls).toMatchObject({ paid: 2, replayed: 1, unknown: 0 });
    expect((await callsOf(threadId)).map(({ status }) => status)).toEqual(["done", "failed"]);
  });
});

describe("an attempt", () => {
  it("whose command takes too much memory fails for that, alone, and the next is told", async () => {
    const { tasks, thread } = await testEngine().run(
      { input: "x", currentTasks: [task("a", "eat memory"), task("b", "write it down")] },
      { ...OPTIONS, autoApprove: ["plan", "tool"] },
    );

    expect(tasks).toMatchObject([
      { id: "a", status: "completed", summary: "ate less", attempts: 2 },
      { id: "b", status: "completed", attempts: 1 },
    ]);
    expect(await failuresOf(thread)).toEqual(["memory"]);
  });

  it("whose workspace cannot be had is none: a human is asked, and nothing is paid for", async () => {
    const threadId = randomUUID();
    mkdirSync(join(HOME, "workspaces"), { recursive: true });
    writeFileSync(join(HOME, "workspaces", threadId), "in the way");

    const report = await testEngine().run(
      { input: "x", currentTasks: [task("a", "write it down")] },
      { ...OPTIONS, escalation: false },
      threadId,
    );

    expect(report).toMatchObject({ status: "waiting", costUsd: 0 });
    expect(report.tasks[0]).toMatchObject({
      attempts: 0,
      error: expect.stringMatching(/^The workspace .* cannot be/),
    });
  });
});

async function failuresOf(thread: string): Promise<string[]> {
  const { rows } = await testEngine().engine.database.pool.query<{ failure: string }>(
    "SELECT failure FROM task_attempts WHERE session_id = $1",
    [thread],
  );
  return rows.map(({ failure }) => failure);
}

describe("an agent whose file lists no tools", () => {
  it("has those that read, and only where the run has named a workspace; a file may take them away", async () => {
    const agentsDir = await folderWith({
      "plain.md": agentFile("plain"),
      "less.md": agentFile("less", "disallowedTools: Grep, Glob\n"),
    });
    const workspace = await testFolder();
    const tasks = ["plain", "less"].map((agent) => task(agent, "name your tools", agent));

    const without = await testEngine().run({ input: "x", currentTasks: tasks }, { ...OPTIONS, agentsDir });
    const having = await testEngine().run(
      { input: "x", currentTasks: tasks },
      { ...OPTIONS, agentsDir, workspace },
    );

    const told = async (thread: string) => (await callsOf(thread)).map(({ result }) => result).sort();
    expect(await told(without.thread)).toEqual(Array(2).fill('There is no tool "Nothing". There is none.'));
    expect(await told(having.thread)).toEqual([
      'There is no tool "Nothing". There is Read, Grep, Glob, LS, read_result.',
      'There is no tool "Nothing". There is Read, LS, read_result.',
    ]);
  });
});
