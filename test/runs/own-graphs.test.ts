import { AIMessage } from "@langchain/core/messages";
import { END, START } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import {
  approvePlan,
  approveResult,
  claudeExecutor,
  defineGraph,
  planNode,
  synthesizeNode,
  type WorkflowState,
  type WorkflowUpdate,
} from "../../src/index.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput, type Workflow } from "../../src/runs/drive.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();
const TASK = { id: "a", agent: "sydney-coder", description: "a", prompt: "Do a.", dependsOn: [] };
const PLAN = { input: "x", currentTasks: [TASK] };

type Ask = NonNullable<Parameters<typeof approvePlan>[0]>["ask"];

/** Plans, asks about the plan and the answer as the graph wants it, and runs the tasks. */
function gatedGraph(name: string, plan: Ask, result: Ask) {
  return defineGraph(name, (builder) =>
    builder
      .addNode("plan", planNode())
      .addNode("approve", approvePlan(plan && { ask: plan }))
      .addNode("claude_executor", claudeExecutor())
      .addNode("synthesize", synthesizeNode())
      .addNode("review", approveResult(result && { ask: result }))
      .addEdge(START, "plan")
      .addEdge("plan", "approve")
      .addEdge("approve", "claude_executor")
      .addEdge("claude_executor", "synthesize")
      .addEdge("synthesize", "review")
      .addEdge("review", END),
  );
}

async function answer(graph: Workflow, thread: string, requestId: string | undefined, decision: Decision) {
  const { engine, runGraph } = testEngine();
  await recordAnswer(engine, requestId ?? "", decision, ANA);
  const step = await nextInput(graph, engine.database, thread);
  return runGraph(graph, "input" in step ? step.input : null, {}, thread);
}

describe("a graph of one's own", () => {
  it.each<[plan: Ask, result: Ask, asked: readonly string[]]>([
    [undefined, undefined, ["plan"]],
    ["never", undefined, []],
    ["never", "never", []],
    ["never", "always", ["result"]],
    ["always", "always", ["plan", "result"]],
  ])("that wants its plan asked %s and its answer %s asks for %j", async (plan, result, asked) => {
    const graph = gatedGraph("gated", plan, result);

    let report = await testEngine().runGraph(graph, PLAN);
    const kinds: string[] = [];
    while (report.status === "waiting") {
      kinds.push(...report.waiting.map(({ kind }) => kind));
      report = await answer(graph, report.thread, report.waiting[0]?.id, { type: "approve" });
    }

    expect(report).toMatchObject({ status: "completed", graph: "gated" });
    expect(kinds).toEqual(asked);
  });

  it.each<[of: string, ask: ThreadOptions["ask"], asked: readonly string[]]>([
    ["never", { plan: "never", result: "never" }, []],
    ["always", { plan: "always", result: "never" }, ["plan"]],
  ])("asks as the run wants it, %s, whatever itself wants", async (_, ask, asked) => {
    const { waiting } = await testEngine().runGraph(gatedGraph("gated", "never", "always"), PLAN, { ask });
    expect(waiting.map(({ kind }) => kind)).toEqual(asked);
  });
});

describe("a workflow that is a node of another workflow", () => {
  const inner = gatedGraph("inner", "always", "never");
  const outer = defineGraph("outer", (builder) =>
    builder
      .addNode("before", () => ({ sharedMemory: ["before"] }))
      .addNode("inner", inner)
      .addNode("after", ({ output }: WorkflowState) => ({ output: `After: ${output}` }))
      .addEdge(START, "before")
      .addEdge("before", "inner")
      .addEdge("inner", "after")
      .addEdge("after", END),
  );

  it("is a part of that run: one thread, one row, its question answered and gone on from there", async () => {
    const { engine, runGraph } = testEngine();
    const asked = await runGraph(outer, PLAN);
    expect(asked).toMatchObject({ status: "waiting", graph: "outer", waiting: [{ kind: "plan" }] });

    const report = await answer(outer, asked.thread, asked.waiting[0]?.id, { type: "approve" });

    expect(report).toMatchObject({ status: "completed", graph: "outer", output: /^After: ./ });
    expect(report.tasks).toMatchObject([{ id: "a", status: "completed", attempts: 1 }]);
    const { rows } = await engine.database.pool.query("SELECT graph FROM threads WHERE thread_id = $1", [
      asked.thread,
    ]);
    expect(rows).toEqual([{ graph: "outer" }]);
    expect(await engine.claims.claim(asked.thread)).toBe(true);
    await engine.claims.release(asked.thread);
  });
});

describe("new input on a thread that has ended", () => {
  const gap = {
    kind: "budget",
    ceiling: "thread",
    sentence: "x",
    neededUsd: 1,
    spentUsd: 0,
    limitUsd: 0,
  } as const;
  const left: WorkflowUpdate = {
    currentTasks: [TASK],
    agentResults: { a: { agent: "sydney-coder", status: "completed", summary: "x", error: null } },
    sharedMemory: ["a note"],
    executionId: "e",
    feedback: "worse",
    revision: { round: 2, reason: "too long", output: "x" },
    overBudget: { phase: "synthesis", gap, isDeclined: true },
    verdict: "partial",
    output: "half",
    error: "the rest is missing",
    messages: [new AIMessage("half")],
  };
  const seen: WorkflowState[] = [];
  const graph = defineGraph("look", (builder) =>
    builder
      .addNode("look", (state: WorkflowState) => {
        seen.push(state);
        return left;
      })
      .addEdge(START, "look")
      .addEdge("look", END),
  );

  it("inherits memory and conversation, and nothing else of the run before", async () => {
    const { runGraph } = testEngine();
    const { thread } = await runGraph(graph, { input: "one" });
    await runGraph(graph, { input: "two" }, {}, thread);

    expect(seen).toHaveLength(2);
    const [first, second] = seen;
    expect(second).toEqual({
      ...first,
      input: "two",
      sharedMemory: ["a note"],
      messages: [expect.objectContaining({ content: "half" })],
    });
  });
});
