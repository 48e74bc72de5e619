import { END, START } from "@langchain/langgraph";
import { agentNode, defineGraph, resultOf } from "decurion";

/** One agent writes, and another one corrects the text. The corrected text is the answer. */
export const graph = defineGraph("review", (builder) =>
  builder
    .addNode(
      "write",
      agentNode({ agent: "sydney-coder", prompt: ({ input }) => `Write what this asks for: ${input}` }),
    )
    .addNode(
      "check",
      agentNode({
        agent: "sydney-validator",
        prompt: "Check this text, and return it with its mistakes corrected.",
        dependsOn: ["write"],
      }),
    )
    .addNode("finish", async (_, context) => ({
      output: (await resultOf(context, "check"))?.result?.output ?? null,
    }))
    .addEdge(START, "write")
    .addEdge("write", "check")
    .addEdge("check", "finish")
    .addEdge("finish", END),
);
