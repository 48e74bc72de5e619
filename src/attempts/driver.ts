import type { AgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";

/** How one attempt ended. `answer` is what there was, for a human who may take it as it is. */
export type AttemptEnd =
  | { readonly isDone: true; readonly result: AgentResult }
  | {
      readonly isDone: false;
      readonly failure: FailureClass;
      readonly digest: string;
      readonly answer: AgentResult | null;
    };

/**
 * Who makes one attempt at a task, from the prompt to an answer that is judged and validated. Whatever it calls Claude
 * for is in the ledger, and what was paid for before is replayed; it never starts an agent. All drivers pass the same
 * contract (`test/contract`).
 *
 * @throws CallError, OverBudgetError or NestedSpawnError when the attempt came to no end of its own.
 */
export type Driver = (
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
) => Promise<AttemptEnd>;
