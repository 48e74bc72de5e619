import type { TaskRow } from "../../../server/api-types.ts";
import { Bar } from "../../parts/money.tsx";

/** The agent's own report of its state: bars from 0 to 1, strongest first. */
export function Emotions({ state }: { state: NonNullable<TaskRow["emotionalState"]> }) {
  const named = Object.entries(state).sort(([, a], [, b]) => b - a);
  if (named.length === 0) return null;
  return (
    <section>
      <h3>Emotional state</h3>
      <dl className="emotions">
        {named.map(([name, strength]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Bar share={Math.min(1, Math.max(0, strength))} tone="plain" />
              <span className="number">{strength.toFixed(2)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
