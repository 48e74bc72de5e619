import type { GraphEdgeView, GraphView } from "../../../server/api-types.ts";
import { type Cell, layoutWorkflow } from "./layout-workflow.ts";

/** A box of the drawing: a node of the workflow. */
export interface Stage {
  readonly id: string;
  readonly label: string;
  readonly kind: "stage" | "end";
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `next` joins neighbours, `side` leads to a node outside the main row, `detour` passes above other nodes. */
export interface StageEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly label: string;
  readonly kind: "next" | "side" | "detour";
  /** For a detour: its height, above the nodes that it passes. */
  readonly top: number;
}

export interface Drawing {
  readonly stages: readonly Stage[];
  readonly edges: readonly StageEdge[];
  /** The box around the plan's tasks, and the node that runs them if known. Null without a plan. */
  readonly box: (Size & { readonly x: number; readonly y: number; readonly owner: string | null }) | null;
  /** The upper left corner of the tasks. */
  readonly tasksAt: { readonly x: number; readonly y: number };
}

const STAGE = { width: 132, height: 36 } as const;
const END = { width: 20, height: 20 } as const;
const GAP = { column: 52, row: 44, detour: 28 } as const;
/** The least distance of parallel lines. */
const LEAST_APART = 14;
/** The space around the tasks. */
const PADDING = 20;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws a workflow, and below it the box for tasks of the given size. */
export function drawWorkflow(graph: GraphView, tasks: Size): Drawing {
  const { nodes, edges, group } = folded(graph);
  const cells = layoutWorkflow({ nodes, edges });
  const lefts = columnLefts(nodes, cells);
  const stages = nodes.map(({ id, label }): Stage => {
    const { column, row } = cells.get(id) ?? { column: 0, row: 0 };
    const { width, height } = sizeOf(id);
    const { left, width: columnWidth } = lefts.get(column) ?? { left: 0, width };
    const y = -height / 2 - row * (STAGE.height + GAP.row);
    const kind = isEnd(id) ? "end" : "stage";
    return { id, label, kind, column, row, x: left + (columnWidth - width) / 2, y, width, height };
  });
  const box = boxBelow(stages, tasks, group ?? null);
  return {
    stages,
    box,
    edges: stageEdges(edges, new Map(stages.map((stage) => [stage.id, stage]))),
    tasksAt: { x: (box?.x ?? 0) + PADDING, y: (box?.y ?? 0) + PADDING },
  };
}

/** Below the main row, centred under the node that runs the tasks. */
function boxBelow(stages: readonly Stage[], tasks: Size, owner: string | null): Drawing["box"] {
  if (tasks.width === 0) return null;
  const above = stages.find(({ id }) => id === owner) ?? { x: 0, width: 0 };
  const width = tasks.width + 2 * PADDING;
  const y = stages.length === 0 ? 0 : STAGE.height / 2 + GAP.row;
  return { x: above.x + (above.width - width) / 2, y, width, height: tasks.height + 2 * PADDING, owner };
}

function sizeOf(id: string): Size {
  return isEnd(id) ? END : STAGE;
}

function isEnd(id: string): boolean {
  return id === "__start__" || id === "__end__";
}

/** The graph with each subgraph as one node. The first one's tasks are drawn. */
function folded({ nodes, edges }: GraphView) {
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const outer = (id: string) => groupOf.get(id) ?? id;
  const groups = [...new Set(nodes.flatMap(({ group }) => group ?? []))];
  const labels = new Map(nodes.filter(({ group }) => group === null).map(({ id, label }) => [id, label]));
  const ids = [...new Set(nodes.map(({ id }) => outer(id)))];
  const seen = new Set<string>();
  const outerEdges = edges
    .map((edge): GraphEdgeView => ({ ...edge, source: outer(edge.source), target: outer(edge.target) }))
    .filter(({ source, target }) => ids.includes(source) && ids.includes(target))
    .filter(({ source, target }) => {
      const key = JSON.stringify([source, target]);
      const isNew = source !== target && !seen.has(key);
      seen.add(key);
      return isNew;
    });
  return {
    nodes: ids.map((id) => ({ id, label: labels.get(id) ?? id.replaceAll("_", " ") })),
    edges: outerEdges,
    group: groups[0],
  };
}

function columnLefts(
  nodes: readonly { readonly id: string }[],
  cells: ReadonlyMap<string, Cell>,
): Map<number, { left: number; width: number }> {
  const widths: number[] = [];
  for (const { id } of nodes) {
    const column = cells.get(id)?.column ?? 0;
    widths[column] = Math.max(widths[column] ?? 0, sizeOf(id).width);
  }
  let left = 0;
  return new Map(
    Array.from(widths, (width = 0, column) => {
      const at = left;
      left += width + GAP.column;
      return [column, { left: at, width }];
    }),
  );
}

function stageEdges(edges: readonly GraphEdgeView[], stages: ReadonlyMap<string, Stage>): StageEdge[] {
  const detours: Detour[] = [];
  return edges.flatMap(({ source, target, label }): StageEdge[] => {
    const from = stages.get(source);
    const to = stages.get(target);
    if (!from || !to) return [];
    const kind = from.row !== to.row ? "side" : to.column === from.column + 1 ? "next" : "detour";
    const top = kind === "detour" ? topOfDetour(from, to, [...stages.values()], detours) : 0;
    return [{ id: `${source} to ${target}`, source, target, label: label ?? "", kind, top }];
  });
}

interface Detour {
  readonly from: Stage;
  readonly to: Stage;
  readonly top: number;
}

/** Above all nodes that it passes, and apart from other detours over the same columns. */
function topOfDetour(from: Stage, to: Stage, stages: readonly Stage[], detours: Detour[]): number {
  const over = stages.filter(({ column }) => isBetween(column, from, to));
  const beside = detours.filter((one) => over.some(({ column }) => isBetween(column, one.from, one.to)));
  let top = Math.min(...over.map(({ y }) => y)) - GAP.detour;
  while (beside.some((one) => Math.abs(one.top - top) < LEAST_APART)) top -= LEAST_APART;
  detours.push({ from, to, top });
  return top;
}

function isBetween(column: number, from: Stage, to: Stage): boolean {
  return column >= Math.min(from.column, to.column) && column <= Math.max(from.column, to.column);
}
