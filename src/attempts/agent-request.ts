import type { Claude } from "../calls/purpose.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { AgentResult } from "../domain/agent-result.ts";
import type { FailedAttempt, Ladder } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { Validator } from "../domain/validator.ts";
import type { TaskResult } from "../postgres/agent-coordination/results.ts";
import type { AnsweredCall } from "../postgres/claude-calls/ledger.ts";
import type { Confinement } from "../processes/confinement.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import type { ProcessScope } from "../processes/process-scope.ts";
import type { AgentTools } from "../tools/agent-tools.ts";
import type { Completed } from "./outcome.ts";
import type { ToolUpdate } from "./tool-loop.ts";

/** One task for one agent. */
export interface AgentRequest {
  readonly threadId: string;
  readonly executionId: string;
  readonly taskId: string;
  readonly agent: AgentDefinition;
  /** Undefined when it has none. */
  readonly tools: AgentTools | undefined;
  readonly ladder: Ladder;
  readonly prompt: string;
  /** The results of its dependencies. */
  readonly dependencies: readonly TaskResult[];
  /** All failed attempts before this run. The ladder counts those after the first `attemptsBefore`. */
  readonly failed: readonly FailedAttempt[];
  readonly attemptsBefore: number;
  /** A human's advice after a failure. */
  readonly advice: string | null;
  /** The task's own ceiling, if a human raised it. */
  readonly taskBudgetUsd: number | undefined;
  /** Whether the journal may have responses for this task. */
  readonly hasHistory: boolean;
  /** The check of the result in addition to its shape. */
  readonly validate: Validator | null;
  /** The validating agent, if the validator names one. */
  readonly validator: { readonly agent: AgentDefinition; readonly model: Model } | undefined;
}

export interface AgentContext {
  readonly claude: Claude;
  readonly signal: AbortSignal;
  /** The common memory limit of one attempt's processes. */
  readonly agentMemoryMb: number;
  readonly memoryGate: MemoryGate;
  /** What its processes share with those of the run's other agents. */
  readonly confinement: Confinement;
  /** Whether a validator may run a command. */
  readonly allowCommands: boolean;
  /**
   * Commits a call and records the task that its answer completes, in one statement. When it throws, the state is unknown:
   * commit the call alone.
   */
  readonly complete?: (completed: Completed, call: AnsweredCall) => Promise<void>;
  readonly onText?: (text: string) => void;
  readonly onNote?: (note: string) => void;
  readonly onTool?: (event: ToolUpdate) => void;
}

/** The additional context of one attempt: its processes, their memory, its model, and the commit of its last call. */
export interface AttemptContext extends Omit<AgentContext, "complete"> {
  readonly memory: ProcessScope;
  /** Called when the attempt's conversation is open, with its model: a recorded one keeps the model of its record. */
  readonly onOpen: (model: Model) => void;
  /** Commits the call whose answer is the attempt's result, and records the result with it if possible. */
  readonly commitLast: (result: AgentResult, call: AnsweredCall) => Promise<void>;
}
