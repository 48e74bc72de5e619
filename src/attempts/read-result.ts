import { z } from "zod";
import { outputPiece } from "../postgres/agent-coordination/results.ts";
import type { Database } from "../postgres/database.ts";
import { toolResultPiece } from "../postgres/tool-calls.ts";
import type { Tool, ToolOutput } from "../tools/tool.ts";
import type { AgentRequest } from "./agent-request.ts";
import { READ_RESULT, TASK_PREFIX } from "./tool-result.ts";

const MOST_CHARACTERS = 15_000;

const inputSchema = z.object({
  result: z.string(),
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(MOST_CHARACTERS).default(MOST_CHARACTERS),
});

/** The task whose agent reads: its own tool results, and the results of its dependencies. */
export type ReadingTask = Pick<AgentRequest, "threadId" | "executionId" | "taskId" | "dependencies">;

/** It needs nothing of an attempt but its input. */
export interface ReadingTool extends Tool {
  read(input: unknown): Promise<ToolOutput>;
}

/** The tool for reading the parts of long results that were left out. */
export function readResultTool(database: Database, task: ReadingTask): ReadingTool {
  const read = async (input: unknown): Promise<ToolOutput> => {
    const parsed = inputSchema.safeParse(input);
    if (!parsed.success) return { content: z.prettifyError(parsed.error), isError: true };
    const { result, offset, limit } = parsed.data;
    const piece = await pieceOf(database, task, result, { offset, limit });
    if (!piece) return { content: `There is no result "${result}".`, isError: true };
    const next = offset + limit;
    const more = next < piece.length ? `\n\n[${piece.length - next} characters follow: offset ${next}]` : "";
    return { content: `${piece.text}${more}`, isError: false };
  };
  return {
    name: READ_RESULT,
    description: "Reads a long result of which a part was left out.",
    inputSchema: {
      type: "object",
      required: ["result"],
      properties: {
        result: { type: "string", description: "As the shortened result names it." },
        offset: { type: "integer", description: "Characters to skip." },
        limit: { type: "integer", description: `Characters to read, at most ${MOST_CHARACTERS}.` },
      },
    },
    effect: "reads",
    run: read,
    read,
  };
}

function pieceOf(
  database: Database,
  task: ReadingTask,
  name: string,
  range: { readonly offset: number; readonly limit: number },
) {
  const id = name.startsWith(TASK_PREFIX) ? name.slice(TASK_PREFIX.length) : undefined;
  const isDependency = task.dependencies.some((dependency) => dependency.id === id);
  return id !== undefined && isDependency
    ? outputPiece(database, task, id, range)
    : toolResultPiece(database, task, name, range);
}
