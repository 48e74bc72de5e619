// Plain LangGraph with its own Postgres saver and a Send for each task, as its documentation has it.
import { randomUUID } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { Annotation, END, Send, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { checkCount, measure, requestFor, summaryIn } from "../work.ts";

await measure(async ({ parallel, root, claudeUrl, databaseUrl, schema, thread, isResumed }) => {
  const request = await requestFor(root);
  const client = new Anthropic({ apiKey: "bench", baseURL: claudeUrl });
  const state = Annotation.Root({
    tasks: Annotation<number>,
    results: Annotation<Record<string, string>>({
      reducer: (known, news) => ({ ...known, ...news }),
      default: () => ({}),
    }),
  });
  const saver = PostgresSaver.fromConnString(databaseUrl, { schema });
  await saver.setup();
  const graph = new StateGraph(state)
    .addNode("agent", async ({ index }: { index: number }) => {
      const message = await client.messages.stream(request(index)).finalMessage();
      const [block] = message.content;
      const text = block?.type === "text" ? block.text : "";
      summaryIn(text);
      return { results: { [index]: text } };
    })
    .addConditionalEdges(START, ({ tasks }) =>
      Array.from({ length: tasks }, (_, index) => new Send("agent", { index })),
    )
    .addEdge("agent", END)
    .compile({ checkpointer: saver });
  return {
    run: async (tasks) => {
      const { results } = await graph.invoke(isResumed ? null : { tasks }, {
        configurable: { thread_id: thread ?? randomUUID() },
        maxConcurrency: parallel,
        durability: "sync",
      });
      checkCount(Object.keys(results).length, tasks);
    },
    end: () => saver.end(),
  };
});
