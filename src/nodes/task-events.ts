import type { Outcome } from "../attempts/outcome.ts";
import type { ToolUpdate } from "../attempts/tool-loop.ts";
import type { ProgressEvent } from "../domain/event.ts";
import { clip } from "../format/text.ts";
import type { Recorded } from "../postgres/agent-coordination/completions.ts";

/** Characters of a call's input or result in its event. */
const TOOL_CHARACTERS = 200;

/** A task's names in events. */
interface NamedTask {
  readonly id: string;
  readonly agent: string;
}

/** A task has begun. */
export function startEvent({ id, agent }: NamedTask): ProgressEvent {
  return { type: "task", id, agent, status: "running", summary: null, error: null, costUsd: 0, ms: null };
}

/** A task's outcome is recorded. */
export function outcomeEvent(
  { id, agent }: NamedTask,
  outcome: Outcome,
  { ms, costUsd }: Recorded,
): ProgressEvent {
  const isCompleted = outcome.status === "completed";
  return {
    type: "task",
    id,
    agent,
    status: outcome.status,
    summary: isCompleted ? outcome.result.summary : null,
    error: isCompleted ? null : outcome.error,
    costUsd,
    ms,
  };
}

/** A tool call of a task has begun or ended. */
export function toolEvent(taskId: string, { id, name, input, end }: ToolUpdate): ProgressEvent {
  const status = !end ? "running" : end.isError ? "failed" : "done";
  const summary = clip(end ? end.content : JSON.stringify(input), TOOL_CHARACTERS);
  return { type: "tool", phase: "agents", taskId, id, name, status, summary };
}
