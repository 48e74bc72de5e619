import { CONTEXT_CHARACTERS } from "../attempts/agent-prompt.ts";
import type { AgentContext, AgentRequest } from "../attempts/agent-request.ts";
import { execute } from "../attempts/execute.ts";
import type { Outcome } from "../attempts/outcome.ts";
import type { ProgressEvent } from "../domain/event.ts";
import type { Recorded } from "../postgres/agent-coordination/completions.ts";
import { type ClaimedTask, type Execution, releaseHeld } from "../postgres/agent-coordination/executions.ts";
import { resultsOf } from "../postgres/agent-coordination/results.ts";
import { failedAttempts } from "../postgres/task-attempts.ts";
import { agentText } from "./agent-text.ts";
import { OutcomeRecorder } from "./outcome-recorder.ts";
import type { ActiveThread } from "./runtime.ts";
import { outcomeEvent, startEvent, toolEvent } from "./task-events.ts";

/** A lane and its environment. */
export interface Lane {
  readonly thread: ActiveThread;
  readonly execution: Execution;
  /** A UUID, under which the lane claims tasks. */
  readonly laneId: string;
  readonly signal: AbortSignal;
  readonly tell: (event: ProgressEvent) => void;
  /** Asks a human about a task that is recorded as waiting. */
  readonly ask: (taskId: string) => Promise<void>;
}

/**
 * Runs a claimed task with its agent and records the outcome. An agent's failure is an outcome, not an exception.
 *
 * @param stop - aborts when the lane may claim no next task.
 * @returns the recorded outcome. The caller must run its next task, if any.
 */
export async function runTask(
  lane: Lane,
  task: ClaimedTask,
  stop: AbortSignal,
): Promise<Recorded | undefined> {
  const { thread, execution, laneId, tell, ask } = lane;
  tell(startEvent(task));
  const recorder = new OutcomeRecorder({ thread, execution, laneId, taskId: task.id, stop });
  try {
    const outcome = await executeTask(lane, task, recorder);
    const recorded = await recorder.ensure(outcome);
    if (recorded && outcome.status === "waiting") await ask(task.id);
    if (recorded) tell(outcomeEvent(task, outcome, recorded));
    return recorded;
  } catch (error) {
    await releaseHeld(thread.database, execution, laneId).catch(() => undefined); // `error` says why.
    thread.lanes.changes.announce();
    throw error;
  }
}

async function executeTask(lane: Lane, task: ClaimedTask, recorder: OutcomeRecorder): Promise<Outcome> {
  const { scope } = lane.thread;
  const request = await requestOf(lane, task);
  return execute(request, contextOf(lane, request, recorder), scope.driverFor(request.agent));
}

async function requestOf({ thread, execution }: Lane, task: ClaimedTask): Promise<AgentRequest> {
  const { database, scope } = thread;
  const agent = scope.agents.get(task.agent);
  const dependencies =
    task.dependsOn.length > 0 ? await resultsOf(database, execution, task.dependsOn, CONTEXT_CHARACTERS) : [];
  const failed = task.attempts > 0 ? await failedAttempts(database, execution, task.id) : [];
  return {
    threadId: execution.threadId,
    executionId: execution.executionId,
    taskId: task.id,
    agent,
    prompt: task.prompt,
    dependencies,
    failed,
    attemptsBefore: task.attemptsBefore,
    advice: task.advice,
    hasHistory: task.hasHistory,
    validate: task.validate,
    tools: thread.tools.for(agent),
    validator: validatorOf(thread, task),
    ladder: scope.ladderFor(task.model, agent),
    taskBudgetUsd: task.budgetUsd ?? undefined,
  };
}

function contextOf(
  { thread, signal, tell }: Lane,
  { taskId, tools }: AgentRequest,
  recorder: OutcomeRecorder,
): AgentContext {
  return {
    claude: thread.claude,
    signal,
    // An agent with tools must end its processes after its answer, before the lane may claim the next task.
    complete: (completed, call) => recorder.record(completed, { call, mayGoOn: tools === undefined }),
    allowCommands: thread.scope.allowCommands,
    agentMemoryMb: thread.memory.limitMb,
    memoryGate: thread.memory.gate,
    confinement: thread.confinement,
    onText: agentText(taskId, tell),
    onNote: (text) => tell({ type: "note", phase: "agents", taskId, text }),
    onTool: (event) => tell(toolEvent(taskId, event)),
  };
}

function validatorOf({ scope }: ActiveThread, { validate }: ClaimedTask): AgentRequest["validator"] {
  if (validate?.agent === undefined) return undefined;
  const agent = scope.agents.get(validate.agent);
  return { agent, model: scope.modelFor(undefined, agent) };
}
