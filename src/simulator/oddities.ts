import type { Answer } from "./answer.ts";
import { type Fault, ODDITIES, type Oddity } from "./scenario.ts";

/** What the fault does to a whole answer, if that is what it is. */
export function oddityOf(fault: Fault | undefined): Oddity | undefined {
  const kind = fault && "kind" in fault ? fault.kind : undefined;
  return ODDITIES.find((oddity) => oddity === kind);
}

/** The answer as an odd gateway passes it on. */
export function oddAnswer(answer: Answer, oddity: Oddity | undefined): Answer {
  if (oddity === "blank-text")
    return { ...answer, blocks: [{ type: "text", text: "\n\n" }, ...answer.blocks] };
  if (oddity !== "other-reason") return answer;
  const hasCall = answer.blocks.some(({ type }) => type === "tool_use");
  return { ...answer, stopReason: hasCall ? "end_turn" : "tool_use" };
}

/** Usage as an odd gateway counts it. */
export function oddUsage(usage: object, oddity: Oddity | undefined): object | null {
  if (oddity === "no-usage") return null;
  const isZero = oddity === "zero-usage";
  return isZero
    ? { ...usage, input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation: null }
    : usage;
}
