import type { Claude } from "../calls/purpose.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { AgentResult } from "../domain/agent-result.ts";
import type { FailedAttempt, Ladder } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { Validator } from "../domain/validator.ts";
import type { TaskResult } from "../postgres/agent-coordination/results.ts";
import type { AnsweredCall } from "../postgres/claude-calls/ledger.ts";
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
  /** Undefined where it has none. */
  readonly tools: AgentTools | undefined;
  readonly ladder: Ladder;
  readonly prompt: string;
  /** Results of the tasks it depends on. */
  readonly dependencies: readonly TaskResult[];
  /** Attempts that failed before this run, all of them; the ladder counts those after the first `attemptsBefore`. */
  readonly failed: readonly FailedAttempt[];
  readonly attemptsBefore: number;
  /** What a human told the agent after it had failed. */
  readonly advice: string | null;
  /** The task's own ceiling where a human raised it. */
  readonly taskBudgetUsd: number | undefined;
  /** Whether the journal may have responses for this task. */
  readonly hasHistory: boolean;
  /** How the result is checked beyond its shape. */
  readonly validate: Validator | null;
  /** The agent which does that, where the validator names one. */
  readonly validator: { readonly agent: AgentDefinition; readonly model: Model } | undefined;
}

export interface AgentContext {
  readonly claude: Claude;
  readonly signal: AbortSignal;
  /** Memory that the processes of one attempt may have together. */
  readonly agentMemoryMb: number;
  readonly memoryGate: MemoryGate;
  /** Whether a validator may run a command. */
  readonly allowCommands: boolean;
  /**
   * Commits a call and records what its answer completed, in one statement. When it throws it is not known whether that was
   * done: the call is to be committed by itself.
   */
  readonly complete?: (completed: Completed, call: AnsweredCall) => Promise<void>;
  readonly onText?: (text: string) => void;
  readonly onNote?: (note: string) => void;
  readonly onTool?: (event: ToolUpdate) => void;
}

/** What one attempt has besides: the processes that it starts, their memory, and how it commits the call it ends with. */
export interface AttemptContext extends Omit<AgentContext, "complete"> {
  readonly memory: ProcessScope;
  /** Commits the call whose answer is the attempt's result, and records that with it where that can be done. */
  readonly commitLast: (result: AgentResult, call: AnsweredCall) => Promise<void>;
}
