import type { ToolCallEnd } from "../postgres/tool-calls.ts";

/** Characters of a tool's result that the model is shown: each further turn pays for them again. */
const SHOWN_CHARACTERS = 20_000;
/** Of those, how many are from the end, where logs and errors say what came of it. */
const TAIL_CHARACTERS = 5_000;
/** Characters that are kept at all. */
const KEPT_CHARACTERS = 2_000_000;

/** The name of the tool by which an agent reads what it was not shown. */
export const READ_RESULT = "read_result";

/** A result as it is kept and as it is shown: of a long one the head, the tail, and how the rest is read. */
export function boundedResult(toolUseId: string, content: string): Pick<ToolCallEnd, "result" | "shown"> {
  const isKept = content.length <= KEPT_CHARACTERS;
  const result = isKept ? content : `${content.slice(0, KEPT_CHARACTERS)}\n(Nothing more of it is kept.)`;
  if (result.length <= SHOWN_CHARACTERS) return { result, shown: null };
  const head = result.slice(0, SHOWN_CHARACTERS - TAIL_CHARACTERS);
  const tail = result.slice(-TAIL_CHARACTERS);
  const left = `${result.length - SHOWN_CHARACTERS} characters are left out here`;
  const how = `${READ_RESULT} with {"result": "${toolUseId}", "offset": ${head.length}} reads on`;
  return { result, shown: `${head}\n\n[… ${left}; ${how} …]\n\n${tail}` };
}
