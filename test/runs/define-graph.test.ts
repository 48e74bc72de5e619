import { randomUUID } from "node:crypto";
import { Command, END, START } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  agentNode,
  askHuman,
  claudeExecutor,
  defineGraph,
  defineState,
  type NodeContext,
  resultOf,
} from "../../src/index.ts";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  scenario: { faults: [{ status: 400, message: "This cannot be done.", when: { match: "IMPOSSIBLE" } }] },
});

interface Runnable {
  invoke(input: unknown, config: object): Promise<unknown>;
}

/** Runs a graph in a thread, and reports how it stands then, whether it threw or not. */
async function run({ invoke }: Runnable, input: unknown, threadId: string = randomUUID()) {
  const thrown = await invoke(input, { configurable: { thread_id: threadId } }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { threadId, thrown, report: await reportThread(testEngine().engine.database, threadId) };
}

const bound = (graph: { invoke: unknown }): Runnable => {
  const runnable = graph as Runnable;
  return { invoke: (input, config) => runnable.invoke(input, config) };
};

const task = (id: string, prompt = `Do ${id}.`) => ({ id, agent: "sydney-coder", prompt });

describe("a graph of one's own", () => {
  it("runs two agents side by side, and a third that gets their results", async () => {
    const graph = defineGraph("review", (builder) =>
      builder
        .addNode(
          "errors",
          agentNode({ agent: "sydney-validator", prompt: ({ input }) => `Find errors: ${input}` }),
        )
        .addNode(
          "gaps",
          agentNode({ agent: "sydney-research", prompt: ({ input }) => `Find gaps: ${input}` }),
        )
        .addNode(
          "judge",
          agentNode({ agent: "sydney-coder", prompt: "Judge.", dependsOn: ["errors", "gaps"] }),
        )
        .addEdge(START, "errors")
        .addEdge(START, "gaps")
        .addEdge(["errors", "gaps"], "judge")
        .addEdge("judge", END),
    );

    const { threadId, report } = await run(bound(graph), { input: "the plan" });

    expect(report.status).toBe("completed");
    expect(report.error).toBeNull();
    const { pool } = testEngine().engine.database;
    const { rows } = await pool.query<{ id: string; prompt: string }>(
      `SELECT task_id AS id, prompt FROM agent_coordination WHERE session_id = $1 ORDER BY id`,
      [threadId],
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(["errors", "gaps", "judge"]);
    const prompts = new Map(rows.map(({ id, prompt }) => [id, prompt]));
    expect(prompts.get("errors")).toBe("Find errors: the plan");
    expect(prompts.get("judge")).toMatch(/^Judge\.[\s\S]*errors[\s\S]*gaps/);
  });

  it("has channels of its own, from which its tasks are made and into which its nodes write", async () => {
    const State = defineState({ topics: z.array(z.string()).default([]), words: z.number().default(0) });
    const graph = defineGraph("topics", State, (builder) =>
      builder
        .addNode("split", ({ input }) => ({ topics: input.split(", ") }))
        .addNode(
          "work",
          claudeExecutor({ state: State, tasks: ({ topics }) => topics.map((topic) => task(topic)) }),
        )
        .addNode("count", async (_, context: NodeContext) => {
          const first = await resultOf(context, "sun");
          return { words: first?.result?.output.split(" ").length ?? 0, output: "counted" };
        })
        .addEdge(START, "split")
        .addEdge("split", "work")
        .addEdge("work", "count")
        .addEdge("count", END),
    );
    const threadId = randomUUID();

    const state = await graph.invoke({ input: "sun, moon" }, { configurable: { thread_id: threadId } });

    expect(Object.keys(state.agentResults)).toEqual(["sun", "moon"]);
    expect(state.words).toBeGreaterThan(0);
    expect((await getThread(testEngine().engine.database, threadId)).output).toBe("counted");
  });

  it("ends with the verdict of its tasks, also without a synthesis", async () => {
    const tasks = () => [task("a"), task("b", "IMPOSSIBLE b"), task("c", "IMPOSSIBLE c")];
    const graph = defineGraph("verdict", (builder) =>
      builder.addNode("work", claudeExecutor({ tasks })).addEdge(START, "work").addEdge("work", END),
    );

    const { report } = await run(bound(graph), { input: "x" });

    expect(report.status).toBe("partial");
    expect(report.error).toMatch(
      /^2 of 3 tasks did not complete: b \(failed\), c \(failed\)\. .*cannot be done/,
    );
  });

  it.each([
    ["an error", new Error("The file is gone."), 'Node "read" failed: The file is gone.'],
    ["one that looks like a lost connection", new Error("timeout"), 'Node "read" failed: timeout'],
    [
      "a refused connection of its own",
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
      'Node "read" failed: connect ECONNREFUSED',
    ],
  ])("whose node throws %s ends as failed, with the node's name", async (_, error, message) => {
    const graph = defineGraph("throws", (builder) =>
      builder
        .addNode("read", () => {
          throw error;
        })
        .addEdge(START, "read")
        .addEdge("read", END),
    );

    const { report, thrown } = await run(bound(graph), { input: "x" });

    expect(thrown).toBe(error.message);
    expect(report.status).toBe("failed");
    expect(report.error).toBe(message);
  });

  it("names every problem of the tasks that its code makes", async () => {
    const tasks = () => [{ id: "a", agent: "nobody", prompt: "x", dependsOn: ["z"] }];
    const graph = defineGraph("wrong", (builder) =>
      builder.addNode("work", claudeExecutor({ tasks })).addEdge(START, "work").addEdge("work", END),
    );

    const { report } = await run(bound(graph), { input: "x" });

    expect(report.status).toBe("failed");
    expect(report.error).toContain("nobody");
    expect(report.error).toContain("z");
  });

  it("asks a human in a node of its own, and goes on with the answer", async () => {
    const graph = defineGraph("asks", (builder) =>
      builder
        .addNode("ask", () => ({ output: `It is ${askHuman("Which colour?", ["red", "blue"])}.` }))
        .addEdge(START, "ask")
        .addEdge("ask", END),
    );
    const { threadId, report } = await run(bound(graph), { input: "x" });
    expect(report.status).toBe("waiting");
    const state = await graph.getState({ configurable: { thread_id: threadId } });
    const [asked] = state.tasks.flatMap(({ interrupts }) => interrupts);

    const resume = new Command({ resume: { [asked?.id ?? ""]: "blue" } });
    const { report: ended } = await run(bound(graph), resume, threadId);

    expect(asked?.value).toEqual({ question: "Which colour?", options: ["red", "blue"] });
    expect(ended.status).toBe("completed");
    expect(ended.output).toBe("It is blue.");
  });

  it("takes the options of a thread as its context, and refuses one that there is not", async () => {
    const graph = defineGraph("options", (builder) =>
      builder
        .addNode("work", () => ({}))
        .addEdge(START, "work")
        .addEdge("work", END),
    );
    const config = { configurable: { thread_id: randomUUID() } };

    await graph.invoke({ input: "x" }, { ...config, context: { budgetUsd: 0.5 } });

    const { database } = testEngine().engine;
    expect((await reportThread(database, config.configurable.thread_id)).budgetUsd).toBe(0.5);
    const wrong = { ...config, context: { budgetUSD: 0.5 } };
    await expect(graph.invoke({ input: "x" }, wrong)).rejects.toThrow(/options are wrong[\s\S]*"budgetUSD"/);
  });

  it("uses a workflow as a node of another one: the thread is the outer one's", async () => {
    const inner = defineGraph("inner", (builder) =>
      builder
        .addNode("work", agentNode({ id: "inside", agent: "sydney-coder", prompt: "Work." }))
        .addEdge(START, "work")
        .addEdge("work", END),
    );
    const outer = defineGraph("outer", (builder) =>
      builder.addNode("inner", inner).addEdge(START, "inner").addEdge("inner", END),
    );

    const { threadId, report } = await run(bound(outer), { input: "x" });

    expect(report.status).toBe("completed");
    expect(report.tasks.map(({ id, status }) => [id, status])).toEqual([["inside", "completed"]]);
    expect((await getThread(testEngine().engine.database, threadId)).graph).toBe("outer");
  });
});
