import { renderResults } from "../attempts/agent-prompt.ts";
import type { OpeningContent } from "../calls/opening.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import { clip } from "../format/text.ts";
import type { TaskResult } from "../postgres/agent-coordination/results.ts";

/** Characters of results that the synthesis is given at most (about 15,000 tokens), and of how many tasks. */
export const SYNTHESIS_CHARACTERS = 60_000;
export const SYNTHESIS_TASKS = 400;
/** Characters of a rejected answer that the next one is shown. */
const REJECTED_CHARACTERS = 20_000;

/** What an answer is made of. */
export interface SynthesisRequest {
  readonly input: string;
  readonly results: readonly TaskResult[];
  /** Tasks there are; more than `results` when there were too many. */
  readonly total: number;
  /** The answer that a human rejected, and why. */
  readonly revision: { readonly output: string; readonly reason: string } | null;
}

/** The turn which joins the results into one answer, as free text. */
export function synthesisTurn(
  orchestrator: AgentDefinition,
  { input, results, total, revision }: SynthesisRequest,
): OpeningContent {
  const left = total - results.length;
  const note = left > 0 ? `\n\n(${left} more results are left out here: say so in the answer.)` : "";
  const rejected = revision
    ? `\n\nA human rejected this answer:\n\n<rejected>\n${clip(revision.output, REJECTED_CHARACTERS)}\n</rejected>\n\nThe reason, which the new answer must heed:\n\n<reason>\n${revision.reason}\n</reason>`
    : "";
  return {
    system: orchestrator.prompt,
    prompt: `Synthesize the answer to this request, in Markdown:\n\n<request>\n${input}\n</request>\n\nThe results of its tasks:\n\n${renderResults(results, SYNTHESIS_CHARACTERS)}${note}${rejected}`,
  };
}
