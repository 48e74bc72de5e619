import { randomUUID } from "node:crypto";
import { END, START, StateGraph } from "@langchain/langgraph";
import { expect, it } from "vitest";
import { agentNode, createDecurion, defineGraph, UsageError, workflowState } from "../../src/index.ts";
import { testDatabaseUrl, useTestSchema } from "../support/database.ts";

const first = useTestSchema();
const second = useTestSchema();

const decurionOn = (schema: string) =>
  createDecurion({ env: { DATABASE_SCHEMA: schema }, database: testDatabaseUrl() });

it("several Decurions live in one process, each on its own database", async () => {
  const [one, other] = [decurionOn(first), decurionOn(second)];
  try {
    const [report] = await Promise.all([
      one.runTask({ agent: "sydney-coder", prompt: "Say one." }),
      other.runTask({ agent: "sydney-coder", prompt: "Say two." }),
    ]);

    expect(report).toMatchObject({ graph: "task", status: "completed", simulated: true });
    expect((await one.resultOf(report.thread, "task"))?.status).toBe("completed");
    expect(await other.resultOf(report.thread, "task")).toBeUndefined();
    await expect(other.report(report.thread)).rejects.toThrow(UsageError);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

it("a graph runs on the Decurion that it is given to, also one made with defineGraph", async () => {
  const decurion = decurionOn(first);
  const node = agentNode({ agent: "sydney-coder", prompt: "Work." });
  const defined = defineGraph("defined", (builder) =>
    builder.addNode("work", node).addEdge(START, "work").addEdge("work", END),
  );
  const plain = new StateGraph(workflowState)
    .addNode("work", node)
    .addEdge(START, "work")
    .addEdge("work", END)
    .compile();
  try {
    for (const [name, graph] of [
      ["defined", defined],
      ["plain", plain],
    ] as const) {
      const threadId = randomUUID();
      const own = decurion.workflow(name, graph);
      await own.invoke({ input: "x" }, { configurable: { thread_id: threadId } });
      expect(await decurion.report(threadId)).toMatchObject({ graph: name, status: "completed" });
    }
  } finally {
    await decurion.close();
  }
});

it("nothing runs a graph where no process or Decurion was given to it", async () => {
  Reflect.deleteProperty(globalThis, Symbol.for("decurion")); // Another file's, where files share a process.
  const graph = defineGraph("alone", (builder) =>
    builder
      .addNode("work", () => ({}))
      .addEdge(START, "work")
      .addEdge("work", END),
  );
  await expect(graph.invoke({ input: "x" }, { configurable: { thread_id: randomUUID() } })).rejects.toThrow(
    "No engine runs this graph: use the command line",
  );
});

it("a Decurion whose database cannot be opened can be closed: only its callers get the error", async () => {
  const decurion = createDecurion({ database: "postgresql://u:pw@127.0.0.1:9/x" });
  const running = decurion.runTask({ agent: "sydney-coder", prompt: "Say one." });
  const closing = decurion.close();
  await expect(running).rejects.toThrow(/127\.0\.0\.1:9.*cannot be used/);
  await expect(closing).resolves.toBeUndefined();
});

it("settings that are wrong are named before anything is opened", () => {
  expect(() => createDecurion({ env: { PARALLEL: "eleven" } })).toThrow(/PARALLEL/);
});
