import type { AgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";

/** How one attempt ended. `answer` is the answer so far, which a human may accept. */
export type AttemptEnd =
  | { readonly isDone: true; readonly result: AgentResult }
  | {
      readonly isDone: false;
      readonly failure: FailureClass;
      readonly digest: string;
      readonly answer: AgentResult | null;
    };

/**
 * Makes one attempt at a task, from the prompt to a judged and validated answer. Every call to Claude is in the ledger,
 * paid calls are replayed, and it never starts an agent. All drivers pass the same contract (`test/contract`).
 *
 * @throws CallError, OverBudgetError or NestedSpawnError when something else ended the attempt.
 */
export type Driver = (
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
) => Promise<AttemptEnd>;
