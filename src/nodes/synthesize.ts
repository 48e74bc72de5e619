import { AIMessage } from "@langchain/core/messages";
import { CallError } from "../calls/call-error.ts";
import { budgetGapOf } from "../calls/over-budget.ts";
import { verdictOf } from "../domain/task.ts";
import { clip } from "../format/text.ts";
import type { TaskResult } from "../postgres/agent-coordination/results.ts";
import {
  type TaskEnding,
  taskEndings,
  threadResults,
} from "../postgres/agent-coordination/thread-results.ts";
import { outOfBudget } from "./budget-gate.ts";
import { askOrchestrator, orchestratorOf } from "./orchestrator.ts";
import { inputOf } from "./plan.ts";
import { type ActiveThread, activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";
import { SYNTHESIS_CHARACTERS, SYNTHESIS_TASKS, synthesisTurn } from "./synthesis-turn.ts";

/** Characters of one result in an answer without synthesis. */
const JOINED_CHARACTERS = 100_000;

/**
 * Joins the results into one answer and sets the run's verdict. Makes no call when the run's options exclude a synthesis,
 * when no task completed, or when there is only one task: its result is the answer.
 */
export function synthesizeNode() {
  return async (state: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    const thread = activeThread(context);
    const endings = await taskEndings(thread.database, thread.id);
    const verdict = verdictOf(endings.map(({ status }) => status));
    if (verdict === "failed") return { verdict, error: whyFailed(endings) };
    const isJoined = endings.length === 1 || thread.options.synthesis === false;
    const makesNone = isJoined && state.revision === null;
    const results = await threadResults(thread.database, thread.id, {
      outputLimit: makesNone ? JOINED_CHARACTERS : SYNTHESIS_CHARACTERS,
      limit: SYNTHESIS_TASKS,
    });
    const left = leftOut(endings.length - results.length);
    if (makesNone) return answer(state, { output: `${joined(results)}${left}`, verdict, error: null });
    if (state.overBudget?.isDeclined) {
      const error = "The budget was not raised for a synthesis, so the results are joined without one.";
      return answer(state, { output: `${joined(results)}${left}`, verdict: "partial", error });
    }
    return synthesis(thread, state, context, { results, total: endings.length, verdict });
  };
}

const CUT_OFF =
  "The synthesis was cut off, because it had no more room. The results of the tasks are whole: `show` has them.";

interface Answer {
  readonly output: string;
  readonly verdict: "completed" | "partial";
  readonly error: string | null;
}

function answer(state: WorkflowState, { output, verdict, error }: Answer): WorkflowUpdate {
  const message = new AIMessage({ id: answerMessageId(state), content: output });
  return { output, verdict, error, overBudget: null, messages: [message] };
}

/** The message id of a run's answer, so that a changed answer replaces it in the conversation. */
export function answerMessageId({ executionId }: Pick<WorkflowState, "executionId">): string {
  return `answer-${executionId}`;
}

/** The results that fit, the number of all tasks, and the verdict so far. */
interface Joining {
  readonly results: readonly TaskResult[];
  readonly total: number;
  readonly verdict: Answer["verdict"];
}

/** Makes the synthesis. If it fails, the joined results are the answer: they are paid for. */
async function synthesis(
  thread: ActiveThread,
  state: WorkflowState,
  context: NodeContext,
  { results, total, verdict }: Joining,
): Promise<WorkflowUpdate> {
  const { revision } = state;
  const content = synthesisTurn(orchestratorOf(thread), {
    input: inputOf(state),
    results,
    total,
    revision,
  });
  const left = leftOut(total - results.length);
  const output = `${joined(results)}${left}`;
  const instead = (why: string) => answer(state, { output, verdict: "partial", error: why });
  try {
    const attempt = 1 + (revision?.round ?? 0);
    const { response, isCut } = await askOrchestrator(thread, context, "synthesis", content, attempt);
    const { text, stopReason } = response;
    if (stopReason === "refusal" || text.trim() === "") {
      return instead("Claude did not synthesize the results, so they are joined without a synthesis.");
    }
    if (isCut) {
      const output = `${text.trim()}\n\n(The answer was cut off here.)${left}`;
      return answer(state, { output, verdict: "partial", error: CUT_OFF });
    }
    return answer(state, { output: `${text.trim()}${left}`, verdict, error: null });
  } catch (error) {
    const gap = budgetGapOf(error);
    // In a graph without a budget gate the joined results are the answer.
    if (gap) return { ...outOfBudget("synthesis", gap), output, verdict: "partial" };
    if (!(error instanceof CallError) || error.kind === "aborted") throw error;
    return instead(`The results could not be synthesized. ${error.message}`);
  }
}

/** A sentence for the answer: no result is left out silently. */
function leftOut(count: number): string {
  if (count <= 0) return "";
  const results = count === 1 ? "The result of 1 task is" : `The results of ${count} tasks are`;
  return `\n\n(${results} left out here: this answer joins the first ${SYNTHESIS_TASKS}. "show" lists all.)`;
}

function joined(results: readonly TaskResult[]): string {
  const only = results.length === 1 ? results[0] : undefined;
  if (only?.output) return only.output;
  return results
    .map(
      (result) =>
        `## ${result.id} (${result.agent})\n\n${result.output ?? `Not done: ${result.error ?? result.status}`}`,
    )
    .join("\n\n");
}

function whyFailed(endings: readonly TaskEnding[]): string {
  const first = endings.find(({ status }) => status === "failed");
  return `No task completed. The first failure: ${clip(first?.error ?? "no reason is known", 400)}`;
}
