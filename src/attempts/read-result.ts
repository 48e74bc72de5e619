import { z } from "zod";
import type { Database } from "../postgres/database.ts";
import { type ToolTurn, toolResultPiece } from "../postgres/tool-calls.ts";
import type { Tool } from "../tools/tool.ts";
import { READ_RESULT } from "./tool-result.ts";

const MOST_CHARACTERS = 15_000;

const inputSchema = z.object({
  result: z.string(),
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(MOST_CHARACTERS).default(MOST_CHARACTERS),
});

/** The tool for reading the parts of long tool results that were left out, for the agent's own task. */
export function readResultTool(
  database: Database,
  task: Pick<ToolTurn, "threadId" | "taskId" | "executionId">,
): Tool {
  return {
    name: READ_RESULT,
    description: "Reads on in a long tool result of which the middle was left out.",
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
    run: async (input) => {
      const parsed = inputSchema.safeParse(input);
      if (!parsed.success) return { content: z.prettifyError(parsed.error), isError: true };
      const { result, offset, limit } = parsed.data;
      const piece = await toolResultPiece(database, task, result, { offset, limit });
      if (!piece) return { content: `There is no result "${result}".`, isError: true };
      const next = offset + limit;
      const more =
        next < piece.length ? `\n\n[${piece.length - next} characters follow: offset ${next}]` : "";
      return { content: `${piece.text}${more}`, isError: false };
    },
  };
}
