import type { Phase, ProgressEvent } from "../../domain/event.ts";
import type { TaskStatus } from "../../domain/task.ts";
import {
  renderCount,
  renderDuration,
  renderEstimate,
  renderPlural,
  renderUsd,
} from "../../format/amounts.ts";
import { clip } from "../../format/text.ts";
import { sayProgress } from "../../nodes/agent-blocks.ts";
import { oneLine } from "./display-width.ts";

/** The most task names in a plan's line. */
const NAMED = 20;
const SAID_MAX = 300;
const VERBS: Readonly<Record<TaskStatus, string>> = {
  pending: "queued",
  running: "started",
  waiting: "waiting",
  completed: "completed",
  failed: "failed",
  blocked: "blocked",
  cancelled: "cancelled",
};

/** One line for an event, without escape codes. Undefined for streaming text and other small events. */
export function renderEvent(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case "planned":
      return renderPlanned(event);
    case "task":
      return renderTaskEvent(event);
    case "call":
      return event.phase === "agents" ? undefined : spaced("paid", event.phase, renderUsd(event.costUsd));
    case "note":
      return spaced("note", nameOf(event), clip(oneLine(event.text), SAID_MAX));
    case "tool":
      return renderToolEvent(event);
    case "progress":
      return spaced("progress", nameOf(event), oneLine(sayProgress(event.status, event.progress)));
    case "text":
      return undefined;
  }
}

function renderPlanned({ tasks, estimateUsd }: Extract<ProgressEvent, { type: "planned" }>): string {
  const named = tasks.slice(0, NAMED).map(({ id, agent }) => `${oneLine(id)} (${oneLine(agent)})`);
  const more = tasks.length - named.length;
  const rest = more > 0 ? [`and ${renderCount(more)} more`] : [];
  const estimate = estimateUsd === undefined ? "" : `; ${renderEstimate(estimateUsd)}`;
  return `plan: ${renderPlural(tasks.length, "task")}: ${[...named, ...rest].join(", ")}${estimate}`;
}

function renderTaskEvent(event: Extract<ProgressEvent, { type: "task" }>): string {
  const { id, agent, status, ms, costUsd, summary, error } = event;
  if (status === "running") return spaced(VERBS[status], `${oneLine(id)} (${oneLine(agent)})`);
  return spaced(
    VERBS[status],
    oneLine(id),
    ms === null ? "" : renderDuration(ms),
    costUsd > 0 ? renderUsd(costUsd) : "",
    clip(oneLine(error ?? summary ?? ""), SAID_MAX),
  );
}

/** No line for a successful call: the agent's next step shows it. */
function renderToolEvent(event: Extract<ProgressEvent, { type: "tool" }>): string | undefined {
  const { name, status, summary } = event;
  if (status === "done") return undefined;
  const verb = status === "running" ? "tool" : "tool error";
  return spaced(verb, nameOf(event), oneLine(name), clip(oneLine(summary), SAID_MAX));
}

function nameOf({ phase, taskId }: { readonly phase: Phase; readonly taskId: string }): string {
  return phase === "agents" ? oneLine(taskId) : phase;
}

function spaced(verb: string, ...parts: readonly string[]): string {
  return [verb.padEnd(9), ...parts.filter((part) => part !== "")].join("  ");
}
