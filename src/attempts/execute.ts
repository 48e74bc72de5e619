import { CallError, stoppedError } from "../calls/call-error.ts";
import { budgetGapOf } from "../calls/over-budget.ts";
import { stopSignal } from "../calls/stop-signal.ts";
import { MemoryExceededError, NestedSpawnError, ToolError } from "../domain/errors.ts";
import { type FailedAttempt, type FailureClass, nextTier, type Tier } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { WaitingFor } from "../postgres/agent-coordination/outcomes.ts";
import { commitCall } from "../postgres/claude-calls/ledger.ts";
import { recordAttempt } from "../postgres/task-attempts.ts";
import { ProcessScope } from "../processes/process-scope.ts";
import type { AgentContext, AgentRequest, AttemptContext } from "./agent-request.ts";
import { AwaitsHumanError } from "./awaits-human.ts";
import type { AttemptEnd, Driver } from "./driver.ts";
import type { AttemptInfo, Outcome } from "./outcome.ts";

/**
 * Does one task with one agent: five attempts on the task's own model, each with the failures of the earlier ones in its
 * prompt, then one attempt on each higher model, then a question to a human. Records each failed attempt before the next
 * one starts. Keeps no state between calls: paid calls are replayed.
 *
 * @param attemptTask - makes an attempt.
 * @throws CallError of kind `aborted` when the run is stopped: there is no outcome then.
 */
export async function execute(
  request: AgentRequest,
  context: AgentContext,
  attemptTask: Driver,
): Promise<Outcome> {
  const { ladder, attemptsBefore, threadId, executionId, taskId } = request;
  const failed = [...request.failed];
  let last: Tier = { model: ladder.own, isEscalated: false };
  for (;;) {
    const tier = nextTier(ladder, failed.length - attemptsBefore);
    if (!tier) return askAboutFailure(failed, last);
    last = tier;
    const attempt = failed.length + 1;
    const info: Tried = { model: tier.model.id, attempts: attempt, escalated: tier.isEscalated };
    const end = await tryOnce(attemptTask, { ...request, failed }, context, tier.model, info);
    if ("status" in end) return { ...info, ...end, attempts: end.isAttempt ? attempt : failed.length };
    if (end.isDone) return { ...info, status: "completed", result: end.result };
    const { failure, digest, answer } = end;
    const failedAttempt = { attempt, model: info.model, failure, digest };
    const execution = { threadId, executionId };
    await recordAttempt(context.claude.database, execution, taskId, { ...failedAttempt, answer });
    failed.push(failedAttempt);
    if (end.isFinal) return askAboutFailure(failed, last);
    context.onNote?.(`Attempt ${attempt} failed: ${digest}`);
  }
}

/** An attempt under way: its model is the tier's until its conversation is open. */
interface Tried extends Omit<AttemptInfo, "model"> {
  model: string;
}

async function waitForMemory(memory: ProcessScope, context: AgentContext): Promise<void> {
  const { memoryGate, claude, signal, onNote } = context;
  const stop = stopSignal(signal, claude.draining);
  await memoryGate
    .enter(memory, stop, (sentence) => onNote?.(sentence))
    .catch((error: unknown) => {
      throw stop.aborted ? stoppedError() : error;
    });
}

function outOfMemory({ message }: Error): AttemptEnd {
  return { isDone: false, failure: "memory", digest: message, answer: null };
}

/** An end that no further attempt would change. */
type FinalEnd = { readonly isAttempt: boolean } & (
  | { readonly status: "failed"; readonly failure: FailureClass; readonly error: string }
  | { readonly status: "waiting"; readonly waitingFor: WaitingFor; readonly error: string }
);

async function tryOnce(
  attemptTask: Driver,
  request: AgentRequest,
  context: AgentContext,
  model: Model,
  info: Tried,
): Promise<AttemptEnd | FinalEnd> {
  const memory: ProcessScope = new ProcessScope(
    `${request.threadId}/${request.taskId}`,
    context.agentMemoryMb,
    {
      admit: () => waitForMemory(memory, context),
      confinement: context.confinement,
    },
  );
  const last = lastCommit(context, memory, info);
  try {
    const onOpen = ({ id }: Model) => {
      info.model = id;
    };
    const attemptContext = { ...context, memory, onOpen, commitLast: last.commit };
    const end = await attemptTask(request, attemptContext, model, info.attempts);
    return memory.exceeded.aborted && !last.end ? outOfMemory(memory.exceeded.reason) : end;
  } catch (error) {
    if (last.end) return last.end; // It is recorded, and nothing later can change that.
    if (error instanceof MemoryExceededError) return outOfMemory(error);
    const end = finalEndOf(error);
    if (!end) throw error;
    return end;
  } finally {
    await memory.close();
    context.memoryGate.leave(memory);
  }
}

/**
 * Commits the last call of an attempt together with the completed task. Commits it alone when no recorder is given, when
 * the attempt exceeded its memory, and when the combined statement fails: the outcome is returned like any other then, because
 * nobody knows whether it is recorded.
 */
function lastCommit(
  { complete, claude: { database } }: AgentContext,
  memory: ProcessScope,
  info: AttemptInfo,
) {
  const last: { end?: AttemptEnd; readonly commit: AttemptContext["commitLast"] } = {
    commit: async (result, call) => {
      if (!complete || memory.exceeded.aborted) return commitCall(database, call);
      try {
        await complete({ ...info, status: "completed", result }, call);
        last.end = { isDone: true, result };
      } catch {
        await commitCall(database, call);
      }
    },
  };
  return last;
}

/** The outcome of an exception, or undefined when it has none: the run was stopped, or it is a defect. */
function finalEndOf(error: unknown): FinalEnd | undefined {
  const gap = budgetGapOf(error);
  if (gap) return waiting(gap);
  if (error instanceof AwaitsHumanError) return waiting(error.waitingFor);
  // A missing tool says nothing about the task, and another attempt would miss it too.
  if (error instanceof ToolError) return waiting({ kind: "failure", sentence: error.message });
  if (error instanceof NestedSpawnError) {
    return { isAttempt: true, status: "failed", failure: "nested-spawn", error: error.message };
  }
  if (!(error instanceof CallError) || error.kind === "aborted") return undefined;
  const { kind, message: sentence } = error;
  if (kind === "refused") return { isAttempt: true, status: "failed", failure: "request", error: sentence };
  return waiting({ kind: "failure", sentence });
}

function waiting(waitingFor: WaitingFor): FinalEnd {
  return { isAttempt: false, status: "waiting", waitingFor, error: waitingFor.sentence };
}

function askAboutFailure(failed: readonly FailedAttempt[], { model, isEscalated }: Tier): Outcome {
  const attempts = failed.length;
  const { digest: why = "", model: id = model.id } = failed.at(-1) ?? {};
  const counted = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const sentence = `${counted} failed. The last one, on ${id}: ${why}`;
  return {
    model: id,
    attempts,
    escalated: isEscalated,
    status: "waiting",
    error: sentence,
    waitingFor: { kind: "failure", sentence },
  };
}
