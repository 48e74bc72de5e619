import { renderDuration, renderUsd } from "../../format/amounts.ts";
import type { TaskRow } from "../../server/api-types.ts";
import { haveSeveralNodes } from "../data/distinct-tasks.ts";
import { StatusMark } from "../parts/status-mark.tsx";
import { hashOf, type Route } from "../route.ts";

interface TaskTableProps {
  readonly tasks: readonly TaskRow[];
  readonly route: Extract<Route, { page: "thread" }>;
}

/** All tasks in the order of nodes and plans. The same as the graph, for reading and for the keyboard. */
export function TaskTable({ tasks, route }: TaskTableProps) {
  if (tasks.length === 0) return <p className="empty">There is no plan yet.</p>;
  const hasNodes = haveSeveralNodes(tasks);
  return (
    <table className="tasks">
      <thead>
        <tr>
          <th scope="col">Task</th>
          {hasNodes && <th scope="col">Node</th>}
          <th scope="col">Agent</th>
          <th scope="col">Status</th>
          <th scope="col" className="cell-number">
            Attempts
          </th>
          <th scope="col" className="cell-number">
            Time
          </th>
          <th scope="col" className="cell-number">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map(({ id, execution, agent, status, attempts, ms, costUsd, description }) => (
          <tr key={id} aria-selected={id === route.task}>
            <td>
              <a href={hashOf({ ...route, task: id })} className="mono">
                {id}
              </a>
              <span className="task-description muted">{description}</span>
            </td>
            {hasNodes && <td>{execution}</td>}
            <td>{agent}</td>
            <td>
              <StatusMark status={status} hasWord />
            </td>
            <td className="cell-number number">{attempts}</td>
            <td className="cell-number number">{ms === null ? "" : renderDuration(ms)}</td>
            <td className="cell-number number">{costUsd > 0 ? renderUsd(costUsd) : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
