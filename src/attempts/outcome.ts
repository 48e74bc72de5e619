import type { AgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import type { WaitingFor } from "../postgres/agent-coordination/outcomes.ts";

/** How a task stands after its last attempt. */
export interface AttemptInfo {
  readonly model: string;
  /** Attempts so far, failed ones included. */
  readonly attempts: number;
  readonly escalated: boolean;
}

export type Completed = AttemptInfo & { readonly status: "completed"; readonly result: AgentResult };

/** What came of a task. Failure is an outcome, never an exception. */
export type Outcome =
  | Completed
  | (AttemptInfo & { readonly status: "failed"; readonly failure: FailureClass; readonly error: string })
  | (AttemptInfo & { readonly status: "waiting"; readonly waitingFor: WaitingFor; readonly error: string });
