import { memo } from "react";
import type { ThreadRow } from "../../server/api-types.ts";
import { Age } from "../parts/age.tsx";
import { Money } from "../parts/money.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Tally } from "../parts/tally.tsx";
import { hashOf } from "../route.ts";

/** Threads as rows of a table. On a phone each is a card. */
export function ThreadTable({ rows }: { rows: readonly ThreadRow[] }) {
  return (
    <table className="threads">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Input</th>
          <th scope="col">Graph</th>
          <th scope="col">Tasks</th>
          <th scope="col">Cost</th>
          <th scope="col">Changed</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ row }: { row: ThreadRow }) {
  const href = hashOf({ page: "thread", id: row.id, view: "graph", task: null });
  return (
    <tr>
      <td className="cell-status">
        <StatusMark status={row.status} hasWord />
        {row.waiting > 0 && <Waiting count={row.waiting} />}
      </td>
      <td className="cell-input">
        <a href={href}>{row.input === "" ? row.id : row.input}</a>
      </td>
      <td className="cell-graph">
        {row.graph} {row.simulated && <span className="chip">simulated</span>}
      </td>
      <td className="cell-tasks">
        <Tally counts={row.tasks} />
      </td>
      <td className="cell-cost">
        <Money costUsd={row.costUsd} budgetUsd={row.budgetUsd} />
      </td>
      <td className="cell-changed muted">
        <Age instant={row.updatedAt} />
      </td>
    </tr>
  );
});

function Waiting({ count }: { count: number }) {
  return (
    <span className="count" title={`${count} waiting for you`}>
      {count}
      <span className="hidden-text"> waiting for you</span>
    </span>
  );
}
