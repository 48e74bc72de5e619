import { Handle, type NodeProps, type Position } from "@xyflow/react";
import { Fragment, memo } from "react";
import { renderDuration, renderUsd } from "../../../format/amounts.ts";
import { StatusMark } from "../../parts/status-mark.tsx";
import { STAGE_SIDES, type StageNode, TASK_SIDES, type TaskNode } from "./node-types.ts";

/** The ends of edges. React Flow expects them in each box. */
function Handles({ sides }: { sides: readonly Position[] }) {
  return sides.map((side) => (
    <Fragment key={side}>
      <Handle type="source" id={`${side} source`} position={side} isConnectable={false} />
      <Handle type="target" id={`${side} target`} position={side} isConnectable={false} />
    </Fragment>
  ));
}

const TaskBox = memo(function TaskBox({ data: { task, isSelected, onSelect } }: NodeProps<TaskNode>) {
  const { id, agent, status, attempts, escalated, ms, costUsd } = task;
  return (
    <>
      <Handles sides={TASK_SIDES} />
      <button
        type="button"
        className={`task-box box-${status}`}
        aria-pressed={isSelected}
        title={task.description}
        onClick={() => onSelect(id)}
      >
        <span className="task-line">
          <StatusMark status={status} />
          <span className="task-id">{id}</span>
          {costUsd > 0 && <span className="number">{renderUsd(costUsd)}</span>}
        </span>
        <span className="task-line muted">
          <span className="task-agent">{agent}</span>
          {(attempts > 1 || escalated) && <span className="chip chip-waiting">attempt {attempts}</span>}
          {ms !== null && <span className="number">{renderDuration(ms)}</span>}
        </span>
      </button>
    </>
  );
});

const StageBox = memo(function StageBox({ data: { label, status } }: NodeProps<StageNode>) {
  return (
    <div className={`stage-box box-${status}`}>
      <Handles sides={STAGE_SIDES} />
      <StatusMark status={status} />
      <span>{label}</span>
    </div>
  );
});

const EndBox = memo(function EndBox({ id, data: { status } }: NodeProps<StageNode>) {
  return (
    <div className={`end-box box-${status}`}>
      <Handles sides={STAGE_SIDES} />
      <span className="hidden-text">{id === "__start__" ? "start" : "end"}</span>
    </div>
  );
});

const TasksBox = memo(function TasksBox({ data: { status } }: NodeProps<StageNode>) {
  return (
    <div className={`tasks-box box-${status}`}>
      <Handles sides={STAGE_SIDES} />
    </div>
  );
});

export const NODE_TYPES = { task: TaskBox, stage: StageBox, end: EndBox, tasks: TasksBox };
