import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { graph } from "../../graphs/orchestrate.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { getRequest } from "../../src/postgres/requests.ts";
import { forkThread } from "../../src/runs/fork.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const HOME = mkdtempSync(join(tmpdir(), "decurion-requests-"));
const write = (name: string) => ({
  name: "Write",
  input: { file_path: `${name}.txt`, content: `${name}\n` },
});
const ask = (input: object) => ({ tools: [{ name: "ask_human", input: { ...input } }] });

const testEngine = useEngine({
  environment: { BUDGET_USD: "20", DECURION_HOME: HOME },
  scenario: {
    answers: [
      { tools: ["a", "b", "c", "d"].map(write), when: { match: "^write four" } },
      { json: GOOD, when: { match: "A human changed the input[^]*not now[^]*Written elsewhere" } },
      {
        ...ask({ question: "Which database?", options: ["Postgres", "SQLite"] }),
        when: { match: "^choose" },
      },
      { json: { ...GOOD, summary: "asked" }, when: { match: "Postgres, of course" } },
      {
        json: { ...GOOD, summary: "assumed" },
        when: { match: "No human answers that; say what you assume" },
      },
      {
        json: { ...GOOD, summary: "in time" },
        when: { match: "Nobody answered in time. Say what you assume" },
      },
      { json: GOOD, when: { match: "" } },
    ],
  },
});
const OPTIONS: ThreadOptions = { autoApprove: ["plan"], synthesis: false, ask: { tool: "writes" } };
const task = (id: string, prompt: string, agent = "sydney-coder") => {
  return { id, agent, description: id, prompt, dependsOn: [] as string[] };
};
const resumed = (thread: string, resume: unknown) => testEngine().run(new Command({ resume }), {}, thread);

async function payloadOf(thread: string) {
  const { tasks } = await graph.getState({ configurable: { thread_id: thread } });
  return tasks.flatMap(({ interrupts }) => interrupts).at(0)?.value;
}

describe("calls of tools that a human must allow", () => {
  it("are one request each, by the tool's name and arguments; each is decided by itself and paid once", async () => {
    const { run, engine, claude } = testEngine();
    claude.reset();
    const asked = await run({ input: "x", currentTasks: [task("w", "write four files")] }, OPTIONS);
    const { thread, waiting } = asked;
    expect(waiting.map(({ kind, task: id }) => `${kind} ${id}`)).toEqual(
      Array.from({ length: 4 }, () => "tool w"),
    );
    const actions = ["a", "b", "c", "d"]
      .map(write)
      .map(({ name, input }) => ({ name, args: input, arguments: input }));
    expect(await payloadOf(thread)).toMatchObject({ action_requests: actions, actionRequests: actions });
    const [a = "", b = "", c = "", d = ""] = waiting.map(({ id }) => id);

    const partly = await resumed(thread, {
      [b]: { type: "edit", editedAction: { name: "Write", args: { file_path: "b2.txt", content: "2" } } },
    });
    expect(partly.waiting.map(({ id }) => id)).toEqual([a, c, d]);
    const more = await resumed(thread, { decisions: [null, { type: "reject", message: "not now" }, null] });
    expect(more.waiting.map(({ id }) => id)).toEqual([a, d]);
    const done = await resumed(thread, {
      [a]: "approve",
      [d]: { type: "respond", message: "Written elsewhere" },
    });

    expect(done).toMatchObject({ status: "completed", waiting: [] });
    const folder = join(HOME, "workspaces", thread);
    expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("a\n");
    expect(readFileSync(join(folder, "b2.txt"), "utf8")).toBe("2");
    for (const name of ["b", "c", "d"])
      expect(() => readFileSync(join(folder, `${name}.txt`))).toThrow("ENOENT");
    await auditLedger(engine.database, thread, claude);
    expect(claude.account().answers).toBe(2);
  });

  it("take no edit that is no arguments, and are allowed by the run's own option", async () => {
    const { run } = testEngine();
    const input = { input: "x", currentTasks: [task("w", "write four files")] };
    const { thread, waiting } = await run(input, OPTIONS);
    await expect(resumed(thread, { [waiting[0]?.id ?? ""]: { type: "edit", args: "rm" } })).rejects.toThrow(
      /must contain the changed arguments of the call/,
    );
    expect((await run(input, { ...OPTIONS, autoApprove: ["plan", "tool"] })).status).toBe("completed");
  });
});

describe("a fork from where a call was asked about", () => {
  it("withdraws what was asked, asks anew, and takes the answer", async () => {
    const { run, engine } = testEngine();
    const { thread, waiting } = await run(
      { input: "x", currentTasks: [task("w", "write four files")] },
      OPTIONS,
    );
    const { config } = await graph.getState({ configurable: { thread_id: thread } });
    const checkpoint = z.object({ checkpoint_id: z.string() }).parse(config.configurable).checkpoint_id;
    await forkThread(engine, graph, { threadId: thread, checkpoint, fresh: false });
    expect((await getRequest(engine.database, waiting[0]?.id ?? "")).status).toBe("withdrawn");

    const again = await run(null, {}, thread);

    expect(again.waiting.map(({ kind }) => kind)).toEqual(["tool", "tool", "tool", "tool"]);
    const done = await resumed(thread, { decisions: ["approve", "approve", "approve", "approve"] });
    expect(done.tasks[0]?.status).toBe("completed");
  });
});

describe("an agent's question", () => {
  const ASKS: ThreadOptions = { ...OPTIONS, ask: { question: "always" } };

  it("waits for the human while other work goes on, and the answer is its result", async () => {
    const { run, engine, claude } = testEngine();
    claude.reset();
    const currentTasks = [task("q", "choose a database"), task("other", "easy")];
    const { thread, waiting, tasks } = await run({ input: "x", currentTasks }, ASKS);

    expect(tasks.map(({ status }) => status)).toEqual(["waiting", "completed"]);
    expect(waiting).toMatchObject([
      { kind: "question", task: "q", summary: 'Task "q" (sydney-coder) asks: Which database?' },
    ]);
    const id = waiting[0]?.id ?? "";
    expect(await getRequest(engine.database, id)).toMatchObject({
      payload: { question: "Which database?", options: ["Postgres", "SQLite"], task: "q" },
    });
    await expect(resumed(thread, "approve")).rejects.toThrow(/respond, reject, not with approve/);

    const done = await resumed(thread, { type: "respond", message: "Postgres, of course" });

    expect(done.status).toBe("completed");
    expect(done.tasks[0]).toMatchObject({ summary: "asked", attempts: 1 });
    await auditLedger(engine.database, thread, claude);
    expect(claude.account().answers).toBe(3);
  });

  it("may be left unanswered: the agent is told so and goes on", async () => {
    const { thread } = await testEngine().run({ input: "x", currentTasks: [task("q", "choose")] }, ASKS);
    const done = await resumed(thread, "reject");
    expect(done.tasks[0]).toMatchObject({ status: "completed", summary: "assumed" });
  });

  it("goes on without an answer at its deadline", async () => {
    const { run, engine } = testEngine();
    const options: ThreadOptions = { ...ASKS, deadline: { seconds: 600, answer: "approve" } };
    const { thread, waiting } = await run({ input: "x", currentTasks: [task("q", "choose")] }, options);
    await engine.database.pool.query(
      "UPDATE requests SET deadline_at = clock_timestamp() WHERE id = $1 AND deadline_at > clock_timestamp()",
      [waiting[0]?.id],
    );
    await expect(resumed(thread, { type: "respond", message: "too late" })).rejects.toThrow(/\(deadline\)/);
    const done = await resumed(thread, {
      [waiting[0]?.id ?? ""]: (await getRequest(engine.database, waiting[0]?.id ?? "")).answer,
    });
    expect(done.tasks[0]).toMatchObject({ summary: "in time" });
  });

  it.each(["ask_human", "AskUserQuestion"])(
    "is asked by an agent whose file lists %s, unless the run says never",
    async (tool) => {
      const agentsDir = await folderWith({ "asker.md": agentFile("asker", `tools: ${tool}\n`) });
      const input = { input: "x", currentTasks: [task("q", "choose", "asker")] };
      const { run } = testEngine();
      expect(await run(input, { ...OPTIONS, agentsDir })).toMatchObject({ waiting: [{ kind: "question" }] });
      const never = await run(input, { ...OPTIONS, agentsDir, ask: { question: "never" } });
      expect(never).toMatchObject({ status: "completed", answers: [{ kind: "plan" }] });
    },
  );
});
