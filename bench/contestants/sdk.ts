// The plain Anthropic SDK with a limiter: what somebody writes who needs no persistence.
import Anthropic from "@anthropic-ai/sdk";
import { checkCount, measure, requestFor, summaryIn } from "../work.ts";

await measure(async ({ parallel, root, claudeUrl }) => {
  const request = await requestFor(root);
  const client = new Anthropic({ apiKey: "bench", baseURL: claudeUrl });
  return {
    run: async (tasks) => {
      const summaries: string[] = [];
      let next = 0;
      const worker = async () => {
        for (let index = next++; index < tasks; index = next++) {
          const { content } = await client.messages.stream(request(index)).finalMessage();
          const [block] = content;
          const text = block?.type === "text" ? block.text : "";
          summaries[index] = summaryIn(text);
        }
      };
      await Promise.all(Array.from({ length: parallel }, worker));
      checkCount(summaries.length, tasks);
    },
    end: () => Promise.resolve(),
  };
});
