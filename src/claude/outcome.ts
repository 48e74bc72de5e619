import type { AgentResult } from "../core/agent-result.ts";
import type { FailureClass } from "../core/ladder.ts";
import type { WaitingFor } from "../postgres/outcomes.ts";

/** How a task stands after its last attempt. */
export interface Stand {
  readonly model: string;
  /** Attempts so far, failed ones included. */
  readonly attempts: number;
  readonly escalated: boolean;
}

export type Completed = Stand & { readonly status: "completed"; readonly result: AgentResult };

/** What came of a task. Failure is an outcome, never an exception. */
export type Outcome =
  | Completed
  | (Stand & { readonly status: "failed"; readonly failure: FailureClass; readonly error: string })
  | (Stand & { readonly status: "waiting"; readonly waitingFor: WaitingFor; readonly error: string });
