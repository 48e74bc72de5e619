import { renderDuration } from "../../../format/amounts.ts";
import type { TaskRow } from "../../../server/api-types.ts";
import { useNow } from "../../parts/use-now.ts";
import { assignLanes, type Span } from "./assign-lanes.ts";
import { ticksOf } from "./ticks.ts";

interface LanesViewProps {
  readonly tasks: readonly TaskRow[];
  readonly selected: string | null;
  readonly onSelect: (task: string) => void;
}

/** The running times of the agents: at most ten lanes, time from left to right. */
export function LanesView({ tasks, selected, onSelect }: LanesViewProps) {
  const isRunning = tasks.some(({ status }) => status === "running");
  const now = useNow(isRunning, 500);
  const spans = tasks.flatMap(spanOf);
  if (spans.length === 0) return <p className="empty">No agent has started yet.</p>;
  const laneOf = lanesOf(tasks, spans);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(startMs + 1, ...spans.map((span) => span.endMs ?? now));
  const share = (ms: number) => `${(100 * (ms - startMs)) / (endMs - startMs)}%`;
  const lanes = Array.from({ length: Math.max(...laneOf.values()) + 1 }, (_, lane) => lane);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return (
    <div className="lanes">
      <div className="lane lane-times" aria-hidden="true">
        {ticksOf(endMs - startMs).map((ms) => (
          <span key={ms} style={{ left: share(startMs + ms) }}>
            {renderDuration(ms)}
          </span>
        ))}
      </div>
      <ol>
        {lanes.map((lane) => (
          <li key={lane} className="lane" aria-label={`Lane ${lane + 1}`}>
            {spans
              .filter(({ id }) => laneOf.get(id) === lane)
              .map((span) => (
                <button
                  key={span.id}
                  type="button"
                  className={`lane-task status-${byId.get(span.id)?.status}`}
                  aria-pressed={span.id === selected}
                  title={`${span.id}: ${renderDuration((span.endMs ?? now) - span.startMs)}`}
                  style={{ left: share(span.startMs), right: `calc(100% - ${share(span.endMs ?? now)})` }}
                  onClick={() => onSelect(span.id)}
                >
                  <span>{span.id}</span>
                </button>
              ))}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** The tasks' own lanes. Without a lane for each task, lanes in which they fit. */
function lanesOf(tasks: readonly TaskRow[], spans: readonly Span[]): Map<string, number> {
  const known = new Map(tasks.flatMap(({ id, lane }) => (lane === null ? [] : [[id, lane - 1]])));
  return spans.every(({ id }) => known.has(id)) ? known : assignLanes(spans);
}

/** A task whose process died has an unknown length: 0 here. */
function spanOf({ id, startedAt, endedAt, status }: TaskRow): Span[] {
  if (startedAt === null) return [];
  const startMs = Date.parse(startedAt);
  if (endedAt !== null) return [{ id, startMs, endMs: Date.parse(endedAt) }];
  return [{ id, startMs, endMs: status === "running" ? null : startMs }];
}
