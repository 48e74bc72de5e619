import { interrupt } from "@langchain/langgraph";
import { type WholeResult, wholeResult } from "../postgres/agent-coordination/thread-results.ts";
import { activeThread, type NodeContext } from "./runtime.ts";

/**
 * A task's whole result, for the code of a node. The state holds only its summary.
 *
 * @param context - the node's second argument.
 * @returns undefined when no task of this id has run in the thread.
 */
export async function resultOf(context: NodeContext, taskId: string): Promise<WholeResult | undefined> {
  const { database, id } = activeThread(context);
  return wholeResult(database, id, taskId);
}

/**
 * Asks a human and stops the node. After the answer the node runs again from its top, and this call returns the answer. Make
 * no paid calls before it in the same node.
 *
 * @param options - answers to choose from; a human may also write another one.
 */
export function askHuman(question: string, options: readonly string[] = []): string {
  const answer: unknown = interrupt({ question, ...(options.length > 0 && { options }) });
  return typeof answer === "string" ? answer : JSON.stringify(answer);
}
