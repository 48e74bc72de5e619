import { randomUUID } from "node:crypto";
import { END, START, StateGraph } from "@langchain/langgraph";
import { expect, it } from "vitest";
import {
  agentNode,
  createDecurion,
  defineGraph,
  type NodeContext,
  resultOf,
  workflowState,
} from "../../src/index.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { testDatabaseUrl, useTestSchema } from "../support/database.ts";

const CLOSED = "This Decurion is closed. Create another one with createDecurion().";

const schema = useTestSchema();

const create = (environment: Readonly<Record<string, string>> = {}) =>
  createDecurion({ env: { DATABASE_SCHEMA: schema, ...environment }, database: testDatabaseUrl() });

const graphOf = (work: (state: object, context: NodeContext) => object | Promise<object>) =>
  new StateGraph(workflowState).addNode("work", work).addEdge(START, "work").addEdge("work", END).compile();

const inThread = (threadId: string) => ({ configurable: { thread_id: threadId } });

/** How a thread stands, as another Decurion reports it. */
async function reportOf(threadId: string) {
  const other = create();
  try {
    return await other.report(threadId);
  } finally {
    await other.close();
  }
}

it("every method of a closed Decurion refuses in one sentence, but for another close", async () => {
  const decurion = create();
  const thread = randomUUID();
  const graph = decurion.workflow(
    "closed",
    graphOf(() => ({})),
  );
  await graph.invoke({ input: "x" }, inThread(thread));
  await decurion.close();
  await decurion.close();

  expect(() =>
    decurion.workflow(
      "late",
      graphOf(() => ({})),
    ),
  ).toThrow(CLOSED);
  await expect(decurion.runTask({ agent: "sydney-coder", prompt: "Work." })).rejects.toThrow(CLOSED);
  await expect(decurion.resultOf(thread, "a")).rejects.toThrow(CLOSED);
  await expect(decurion.report(thread)).rejects.toThrow(CLOSED);
  await expect(graph.invoke({ input: "x" }, inThread(thread))).rejects.toThrow(CLOSED);
  await expect(graph.getState(inThread(thread))).rejects.toThrow(CLOSED);
});

it("a Decurion that is closed before its first use opens nothing afterwards", async () => {
  const decurion = create();
  await decurion.close();
  await expect(decurion.report(randomUUID())).rejects.toThrow(CLOSED);
});

it("a Decurion that is closed while it opens refuses the call that opened it", async () => {
  const decurion = create();
  const report = decurion.report(randomUUID()).catch((error: unknown) => error);
  await decurion.close();
  expect(await report).toMatchObject({ message: CLOSED });
});

it("a node that runs after the close is refused, and its thread can be resumed", async () => {
  const decurion = create();
  const thread = randomUUID();
  const refused = await new Promise<unknown>((resolve) => {
    const graph = decurion.workflow(
      "refused",
      graphOf(async (_, context) => {
        await decurion.close();
        await resultOf(context, "a").catch(resolve);
        return {};
      }),
    );
    graph.invoke({ input: "x" }, inThread(thread)).catch(() => undefined);
  });

  expect(refused).toMatchObject({ name: "UsageError", message: CLOSED });
  expect(await reportOf(thread)).toMatchObject({ status: "running", error: null });
});

it("a run whose Decurion is closed ends with the same sentence, and its call under way is settled", async () => {
  const claude = await startSimulator({ latencyMs: 0, msPerToken: 5 });
  const server = { ANTHROPIC_API_KEY: "test-key", ANTHROPIC_BASE_URL: claude.url };
  const decurion = create(server);
  const thread = randomUUID();
  const agent = agentNode({ agent: "sydney-coder", prompt: "Work." });
  const graph = decurion.workflow(
    "stopped",
    defineGraph("stopped", (builder) =>
      builder.addNode("work", agent).addEdge(START, "work").addEdge("work", END),
    ),
  );
  const options = { ...inThread(thread), streamMode: "custom" as const, subgraphs: true };
  const follow = async () => {
    for await (const [, event] of await graph.stream({ input: "x" }, options)) {
      if (event.type === "text") await decurion.close(); // The answer has begun and not ended.
    }
  };

  await expect(follow()).rejects.toThrow(CLOSED);
  await claude.close();
  const { status, calls } = await reportOf(thread);
  expect(status).toBe("running");
  expect(calls).toMatchObject({ paid: 0, unknown: 1 });
});
