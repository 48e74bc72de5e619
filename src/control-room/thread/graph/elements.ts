import { type Edge, MarkerType, type NodeHandle, Position } from "@xyflow/react";
import type { TaskRow } from "../../../server/api-types.ts";
import type { Drawing, Stage, StageEdge } from "./draw-workflow.ts";
import { type Placement, TASK_SIZE } from "./layout-tasks.ts";
import { STAGE_SIDES, type StageNode, TASK_SIDES, type TaskNode } from "./node-types.ts";

/** The same handles as the drawn boxes have. So edges need no drawing of invisible boxes. */
function handlesOf(sides: readonly Position[], width: number, height: number): NodeHandle[] {
  const places: Readonly<Record<Position, { x: number; y: number }>> = {
    [Position.Left]: { x: 0, y: height / 2 },
    [Position.Right]: { x: width, y: height / 2 },
    [Position.Top]: { x: width / 2, y: 0 },
    [Position.Bottom]: { x: width / 2, y: height },
  };
  return sides.flatMap((side) =>
    (["source", "target"] as const).map((type) => ({
      id: `${side} ${type}`,
      type,
      position: side,
      ...places[side],
      width: 1,
      height: 1,
    })),
  );
}

function stageNode({ id, label, kind, x, y, width, height }: Stage, status: string): StageNode {
  return {
    id: `stage ${id}`,
    type: kind,
    position: { x, y },
    width,
    height,
    data: { label, status },
    measured: { width, height },
    handles: handlesOf(STAGE_SIDES, width, height),
  };
}

const STYLES = {
  next: { type: "default", sides: [Position.Right, Position.Left] },
  detour: { type: "detour", sides: [Position.Top, Position.Top] },
} as const;

function stageEdge(
  { id, source, target, label, kind, top }: StageEdge,
  stages: ReadonlyMap<string, Stage>,
): Edge {
  const { type, sides } =
    kind === "side"
      ? { type: "smoothstep", sides: sidesBetween(stages.get(source), stages.get(target)) }
      : STYLES[kind];
  return {
    id: `stage ${id}`,
    source: `stage ${source}`,
    target: `stage ${target}`,
    label,
    type,
    sourceHandle: `${sides[0]} source`,
    targetHandle: `${sides[1]} target`,
    className: `edge-${kind}`,
    ...(kind === "detour" && { data: { top } }),
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: "var(--line-strong)" },
  };
}

/** Between the main row and a node above it: straight, or up and then along. */
function sidesBetween(from: Stage | undefined, to: Stage | undefined): readonly [Position, Position] {
  const isUp = (from?.row ?? 0) < (to?.row ?? 0);
  const apart = (to?.column ?? 0) - (from?.column ?? 0);
  if (apart === 0) return isUp ? [Position.Top, Position.Bottom] : [Position.Bottom, Position.Top];
  if (isUp) return [Position.Top, apart > 0 ? Position.Left : Position.Right];
  return [apart > 0 ? Position.Right : Position.Left, Position.Top];
}

/** The box around the tasks, and the edge to it from the node that runs them. */
function boxElements(
  box: NonNullable<Drawing["box"]>,
  status: string,
): { nodes: StageNode[]; edges: Edge[] } {
  const { x, y, width, height, owner } = box;
  const node: StageNode = {
    id: "box",
    type: "tasks",
    position: { x, y },
    width,
    height,
    measured: { width, height },
    data: { label: "", status },
    handles: handlesOf(STAGE_SIDES, width, height),
    zIndex: -1,
  };
  const edge: Edge = {
    id: "stage to box",
    source: `stage ${owner}`,
    target: "box",
    type: "smoothstep",
    sourceHandle: `${Position.Bottom} source`,
    targetHandle: `${Position.Top} target`,
  };
  return { nodes: [node], edges: owner === null ? [] : [edge] };
}

/** The workflow's boxes and edges. */
export function stageElements({ stages, edges, box }: Drawing, statuses: ReadonlyMap<string, string>) {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const around = box && boxElements(box, statuses.get(box.owner ?? "") ?? "pending");
  return {
    nodes: [
      ...stages.map((stage) => stageNode(stage, statuses.get(stage.id) ?? "pending")),
      ...(around?.nodes ?? []),
    ],
    edges: [...edges.map((edge) => stageEdge(edge, byId)), ...(around?.edges ?? [])],
  };
}

/** Reuses the boxes of unchanged tasks, so that only changed ones are redrawn. */
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
        id: `task ${task.id}`,
        type: "task",
        position,
        ...TASK_SIZE,
        data: { task, isSelected, onSelect },
        handles: TASK_HANDLES,
        measured: TASK_SIZE,
      };
    });
    this.#nodes = new Map(nodes.map((node) => [node.data.task.id, node]));
    return nodes;
  }
}

const TASK_HANDLES = handlesOf(TASK_SIDES, TASK_SIZE.width, TASK_SIZE.height);

/** An edge from each task to its dependants. */
export function taskEdges(tasks: readonly TaskRow[]): Edge[] {
  const statusOf = new Map(tasks.map(({ id, status }) => [id, status]));
  return tasks.flatMap(({ id, dependsOn }) =>
    [...new Set(dependsOn)]
      .filter((name) => statusOf.has(name))
      .map((name) => ({
        id: JSON.stringify([name, id]),
        source: `task ${name}`,
        target: `task ${id}`,
        sourceHandle: `${Position.Right} source`,
        targetHandle: `${Position.Left} target`,
        className: `edge-task edge-from-${statusOf.get(name)}`,
      })),
  );
}
