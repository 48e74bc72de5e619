import { headOf, tailOf } from "../format/text.ts";
import type { ToolCallEnd } from "../postgres/tool-calls.ts";

/** The most characters of a tool's result in the prompt: each further turn pays for them again. */
const SHOWN_CHARACTERS = 20_000;
/** The part of them from the end, where logs and errors show the outcome. */
const TAIL_CHARACTERS = 5_000;
/** The most characters to keep. */
const KEPT_CHARACTERS = 2_000_000;

/** The name of the tool for reading the parts that were left out. */
export const READ_RESULT = "read_result";
/** What the name of another task's result begins with, for that tool. */
export const TASK_PREFIX = "task:";

/**
 * A result in two forms: the kept one and the shown one, with head, tail, and instructions to read the rest.
 *
 * @param name - the name by which `read_result` finds it.
 */
export function boundedResult(name: string, content: string): Pick<ToolCallEnd, "result" | "shown"> {
  const isKept = content.length <= KEPT_CHARACTERS;
  const result = isKept ? content : `${headOf(content, KEPT_CHARACTERS)}\n(Nothing more of it is kept.)`;
  if (result.length <= SHOWN_CHARACTERS) return { result, shown: null };
  const head = headOf(result, SHOWN_CHARACTERS - TAIL_CHARACTERS);
  const tail = tailOf(result, TAIL_CHARACTERS);
  const left = `${result.length - head.length - tail.length} characters are left out here`;
  const how = `${READ_RESULT} with {"result": "${name}", "offset": ${charactersOf(head)}} reads on`;
  return { result, shown: `${head}\n\n[… ${left}; ${how} …]\n\n${tail}` };
}

/** Characters as Postgres counts them, and `read_result` with it. */
function charactersOf(text: string): number {
  return [...text].length;
}
