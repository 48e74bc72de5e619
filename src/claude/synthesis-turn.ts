import type { AgentDefinition } from "../agents/definition.ts";
import type { TaskResult } from "../postgres/results.ts";
import { renderResults } from "./agent-prompt.ts";
import type { TurnContent } from "./turn.ts";

/** Characters of results that the synthesis is given at most (about 15,000 tokens), and of how many tasks. */
export const SYNTHESIS_CHARACTERS = 60_000;
export const SYNTHESIS_TASKS = 400;

/** The turn which joins the results into one answer, as free text. */
export function synthesisTurn(
  orchestrator: AgentDefinition,
  input: string,
  results: readonly TaskResult[],
  total: number,
): TurnContent {
  const left = total - results.length;
  const note = left > 0 ? `\n\n(${left} more results are left out here: say so in the answer.)` : "";
  return {
    system: orchestrator.prompt,
    prompt: `Synthesize the answer to this request, in Markdown:\n\n<request>\n${input}\n</request>\n\nThe results of its tasks:\n\n${renderResults(results, SYNTHESIS_CHARACTERS)}${note}`,
  };
}
