import { z } from "zod";
import type { AgentDefinition } from "../domain/agent.ts";
import { toolName } from "../domain/tool-list.ts";
import { defineTool } from "./define-tool.ts";

export const ASK_HUMAN = "ask_human";
/** Its names in an agent's file: ours and Claude Code's. */
const LISTED_AS = [ASK_HUMAN, "askuserquestion"];

/** An agent's question. */
export const questionSchema = z.object({
  question: z.string().trim().min(1).max(2000),
  options: z.array(z.string().trim().min(1).max(200)).max(10).optional(),
});

/**
 * Asks the human who started the run. Its calls never run: each waits for a human's answer, and the answer is its
 * result.
 */
export const askHumanTool = defineTool({
  name: ASK_HUMAN,
  description:
    "Asks the human you work for. Your task waits for the answer, perhaps for hours: ask only what you cannot find out and must not assume.",
  input: questionSchema,
  effect: "reads",
  run: () => Promise.resolve({ content: "Only a human can answer that.", isError: true }),
});

/** Whether an agent's file lists the tool. One that lists no tools does not. */
export function listsAskHuman({ tools }: Pick<AgentDefinition, "tools">): boolean {
  return tools !== "inherit" && tools.some(namesAskHuman);
}

/** Whether an entry of a tool list names the tool. */
export function namesAskHuman(entry: string): boolean {
  return LISTED_AS.includes(toolName(entry).toLowerCase());
}
