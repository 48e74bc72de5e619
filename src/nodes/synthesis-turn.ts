import { renderResults } from "../attempts/agent-prompt.ts";
import type { OpeningContent } from "../calls/transport.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import { asMaterial, MATERIAL_RULE } from "../domain/material.ts";
import { clip } from "../format/text.ts";
import type { TaskResult } from "../postgres/agent-coordination/results.ts";

/** The most characters (about 15,000 tokens) and the most tasks in a synthesis prompt. */
export const SYNTHESIS_CHARACTERS = 60_000;
export const SYNTHESIS_TASKS = 400;
/** Characters of a rejected answer in the prompt for the next one. */
const REJECTED_CHARACTERS = 20_000;

/** The input of a synthesis. */
export interface SynthesisRequest {
  readonly input: string;
  readonly results: readonly TaskResult[];
  /** The number of tasks, which can be more than `results` has. */
  readonly total: number;
  /** The rejected answer and the human's reason. */
  readonly revision: { readonly output: string; readonly reason: string } | null;
}

/** The turn that joins the results into one answer, as free text. */
export function synthesisTurn(
  orchestrator: AgentDefinition,
  { input, results, total, revision }: SynthesisRequest,
): OpeningContent {
  const left = total - results.length;
  const note = left > 0 ? `\n\n(${left} more results are left out here: say so in the answer.)` : "";
  const rejected = revision
    ? `\n\nA human rejected this answer:\n\n${asMaterial(clip(revision.output, REJECTED_CHARACTERS))}\n\nThe reason, which the new answer must heed:\n\n<reason>\n${revision.reason}\n</reason>`
    : "";
  return {
    system: orchestrator.prompt,
    prompt: `Synthesize the answer to this request, in Markdown:\n\n<request>\n${input}\n</request>\n\nThe results of its tasks. ${MATERIAL_RULE}\n\n${renderResults(results, SYNTHESIS_CHARACTERS)}${note}${rejected}`,
  };
}
