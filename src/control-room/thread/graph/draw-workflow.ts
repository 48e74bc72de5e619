import type { GraphEdgeView, GraphView } from "../../../server/api-types.ts";
import { type Cell, placeWorkflow } from "./place-workflow.ts";

/** A box of the drawing: a node of the workflow, or the subgraph in which the plan's tasks are drawn. */
export interface Stage {
  readonly id: string;
  readonly label: string;
  readonly kind: "stage" | "end" | "tasks";
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `next` joins neighbours, `side` leads to what is only passed when something happens, `detour` leads over others. */
export interface StageEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly label: string;
  readonly kind: "next" | "side" | "detour";
  /** For a detour, how high it must rise to pass above what it leads over. */
  readonly top: number;
}

export interface Drawing {
  readonly stages: readonly Stage[];
  readonly edges: readonly StageEdge[];
  /** The left upper corner of the tasks. */
  readonly tasksAt: { readonly x: number; readonly y: number };
}

const STAGE = { width: 112, height: 36 } as const;
const END = { width: 20, height: 20 } as const;
const GAP = { column: 56, row: 40, detour: 28 } as const;
/** Room around the tasks, and above them for the name of the node that runs them. */
const PADDING = { side: 20, top: 44, bottom: 20 } as const;
/** The box stands there before there is a plan, too. */
const EMPTY_BOX = { width: 180, height: 40 } as const;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws a workflow around its tasks, whose size is given. A graph without a subgraph has its tasks below it. */
export function drawWorkflow(graph: GraphView, tasks: Size): Drawing {
  const { nodes, edges, group } = folded(graph);
  const cells = placeWorkflow({ nodes, edges });
  const box = group === undefined ? undefined : boxAround(tasks);
  const sizeOf = (id: string): Size => (id === group && box ? box : isEnd(id) ? END : STAGE);
  const lefts = columnLefts(nodes, cells, sizeOf);
  const below = Math.max(STAGE.height, box?.height ?? 0) / 2 + GAP.row;
  const stages = nodes.map(({ id, label }): Stage => {
    const { column, row } = cells.get(id) ?? { column: 0, row: 0 };
    const { width, height } = sizeOf(id);
    const { left, width: columnWidth } = lefts.get(column) ?? { left: 0, width };
    const y = row === 0 ? -height / 2 : below + (row - 1) * (STAGE.height + GAP.row);
    const kind = id === group ? "tasks" : isEnd(id) ? "end" : "stage";
    return { id, label, kind, column, row, x: left + (columnWidth - width) / 2, y, width, height };
  });
  const around = stages.find(({ kind }) => kind === "tasks");
  const bottom = Math.max(0, ...stages.map(({ y, height }) => y + height));
  return {
    stages,
    edges: stageEdges(edges, new Map(stages.map((stage) => [stage.id, stage]))),
    tasksAt: around
      ? { x: around.x + PADDING.side, y: around.y + PADDING.top }
      : { x: 0, y: bottom + GAP.row },
  };
}

function isEnd(id: string): boolean {
  return id === "__start__" || id === "__end__";
}

function boxAround({ width, height }: Size): Size {
  if (width === 0) return EMPTY_BOX;
  return { width: width + 2 * PADDING.side, height: height + PADDING.top + PADDING.bottom };
}

/** The graph with each subgraph as one node; the first is the one whose tasks are drawn. */
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
  sizeOf: (id: string) => Size,
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
  let detours = 0;
  return edges.flatMap(({ source, target, label }): StageEdge[] => {
    const from = stages.get(source);
    const to = stages.get(target);
    if (!from || !to) return [];
    const isSide = from.row !== to.row;
    const kind = isSide ? "side" : to.column === from.column + 1 ? "next" : "detour";
    const over = [...stages.values()].filter(({ row, column }) => row === 0 && isBetween(column, from, to));
    const top = Math.min(...over.map(({ y }) => y), from.y, to.y) - GAP.detour;
    const rise = kind === "detour" ? top - detours++ * 14 : 0;
    return [{ id: `${source} to ${target}`, source, target, label: label ?? "", kind, top: rise }];
  });
}

function isBetween(column: number, from: Stage, to: Stage): boolean {
  return column >= Math.min(from.column, to.column) && column <= Math.max(from.column, to.column);
}
