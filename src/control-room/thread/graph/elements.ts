import { type Edge, MarkerType, type NodeHandle, Position } from "@xyflow/react";
import type { TaskRow } from "../../../server/api-types.ts";
import type { Drawing, Stage, StageEdge } from "./draw-workflow.ts";
import type { StageNode, TaskNode } from "./nodes.tsx";
import { type Placement, TASK_SIZE } from "./place-tasks.ts";

/** Where edges meet a box is given, not measured, so that boxes out of sight need not be drawn for their edges. */
function handlesOf(width: number, height: number): NodeHandle[] {
  const places = [
    { side: Position.Left, x: 0, y: height / 2 },
    { side: Position.Right, x: width, y: height / 2 },
    { side: Position.Top, x: width / 2, y: 0 },
    { side: Position.Bottom, x: width / 2, y: height },
  ];
  return places.flatMap(({ side, x, y }) =>
    (["source", "target"] as const).map((type) => ({
      ...{ id: `${side} ${type}`, type, position: side, x, y, width: 0, height: 0 },
    })),
  );
}

function stageNode({ id, label, kind, x, y, width, height }: Stage, status: string): StageNode {
  return {
    ...{ id: `stage ${id}`, type: kind, position: { x, y }, width, height, data: { label, status } },
    handles: handlesOf(width, height),
    zIndex: kind === "tasks" ? -1 : 0,
  };
}

const SIDES: Readonly<Record<StageEdge["kind"], readonly [Position, Position]>> = {
  next: [Position.Right, Position.Left],
  side: [Position.Bottom, Position.Top],
  detour: [Position.Top, Position.Top],
};

function stageEdge(
  { id, source, target, label, kind, top }: StageEdge,
  rows: ReadonlyMap<string, number>,
): Edge {
  const isUp = kind === "side" && (rows.get(source) ?? 0) > (rows.get(target) ?? 0);
  const [out, into] = isUp ? [Position.Top, Position.Bottom] : SIDES[kind];
  return {
    ...{ id: `stage ${id}`, source: `stage ${source}`, target: `stage ${target}`, label },
    ...{ sourceHandle: `${out} source`, targetHandle: `${into} target`, className: `edge-${kind}` },
    ...(kind === "detour" && { type: "detour", data: { top } }),
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: "var(--line-strong)" },
  };
}

/** The workflow's boxes and the ways between them. */
export function stageElements({ stages, edges }: Drawing, statuses: ReadonlyMap<string, string>) {
  const rows = new Map(stages.map(({ id, row }) => [id, row]));
  return {
    nodes: stages.map((stage) => stageNode(stage, statuses.get(stage.id) ?? "pending")),
    edges: edges.map((edge) => stageEdge(edge, rows)),
  };
}

/** Keeps the box of a task that has not changed, so that only changed ones are drawn anew. */
export class TaskNodes {
  #nodes = new Map<string, TaskNode>();

  nodesOf(
    tasks: readonly TaskRow[],
    { points }: Placement,
    { tasksAt }: Pick<Drawing, "tasksAt">,
    { selected, onSelect }: { selected: string | null; onSelect: (id: string) => void },
  ): TaskNode[] {
    const nodes = tasks.map((task): TaskNode => {
      const point = points.get(task.id) ?? { x: 0, y: 0 };
      const position = { x: tasksAt.x + point.x, y: tasksAt.y + point.y };
      const isSelected = task.id === selected;
      const known = this.#nodes.get(task.id);
      const isSame = known?.data.task === task && known.data.isSelected === isSelected;
      if (isSame && known.position.x === position.x && known.position.y === position.y) return known;
      return {
        ...{ id: `task ${task.id}`, type: "task", position, ...TASK_SIZE },
        ...{ data: { task, isSelected, onSelect }, handles: TASK_HANDLES },
      };
    });
    this.#nodes = new Map(nodes.map((node) => [node.data.task.id, node]));
    return nodes;
  }
}

const TASK_HANDLES = handlesOf(TASK_SIZE.width, TASK_SIZE.height);

/** From each task to those that wait for it. */
export function taskEdges(tasks: readonly TaskRow[]): Edge[] {
  const statusOf = new Map(tasks.map(({ id, status }) => [id, status]));
  return tasks.flatMap(({ id, dependsOn }) =>
    [...new Set(dependsOn)]
      .filter((name) => statusOf.has(name))
      .map((name) => ({
        ...{ id: JSON.stringify([name, id]), source: `task ${name}`, target: `task ${id}` },
        ...{ sourceHandle: `${Position.Right} source`, targetHandle: `${Position.Left} target` },
        className: `edge-task edge-from-${statusOf.get(name)}`,
      })),
  );
}
