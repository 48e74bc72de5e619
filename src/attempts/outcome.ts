import type { AgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import type { WaitingFor } from "../postgres/agent-coordination/outcomes.ts";

/** The state of a task after its last attempt. */
export interface AttemptInfo {
  readonly model: string;
  /** Attempts so far, including failed ones. */
  readonly attempts: number;
  readonly escalated: boolean;
}

export type Completed = AttemptInfo & { readonly status: "completed"; readonly result: AgentResult };

/** The outcome of a task. A failure is an outcome, never an exception. */
export type Outcome =
  | Completed
  | (AttemptInfo & { readonly status: "failed"; readonly failure: FailureClass; readonly error: string })
  | (AttemptInfo & { readonly status: "waiting"; readonly waitingFor: WaitingFor; readonly error: string });
