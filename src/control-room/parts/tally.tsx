import type { TaskCounts } from "../../server/api-types.ts";

const TONES = ["completed", "running", "waiting", "failed", "blocked"] as const;

/** The progress of a thread's tasks: `3/8` and a bar with a part for each status. */
export function Tally({ counts }: { counts: TaskCounts }) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return <span className="muted">–</span>;
  const said = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return (
    <span className="tally" title={said.join(", ")}>
      <span className="number">
        {counts.completed}
        <span className="muted">/{total}</span>
      </span>
      <span className="bar bar-parts" aria-hidden="true">
        {TONES.filter((tone) => counts[tone] > 0).map((tone) => (
          <span
            key={tone}
            className={`status-${tone}`}
            style={{ width: `${(counts[tone] / total) * 100}%` }}
          />
        ))}
      </span>
    </span>
  );
}
