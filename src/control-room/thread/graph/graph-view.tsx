import {
  Controls,
  MiniMap,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "../../styles/graph.css";
import { useEffect, useMemo, useRef } from "react";
import type { CheckpointPage, GraphView as Graph, TaskRow, ThreadDetail } from "../../../server/api-types.ts";
import { useResource } from "../../data/use-resource.ts";
import { drawWorkflow } from "./draw-workflow.ts";
import { EDGE_TYPES } from "./edges.tsx";
import { stageElements, TaskNodes, taskEdges } from "./elements.ts";
import { layoutTasks } from "./layout-tasks.ts";
import { NODE_TYPES } from "./nodes.tsx";
import { stageStatuses } from "./stage-status.ts";

interface GraphViewProps {
  readonly detail: ThreadDetail;
  readonly selected: string | null;
  readonly onSelect: (task: string) => void;
}

/** Below this zoom text is too small to read: boxes show only their status. */
const FAR = 0.5;
/** With more tasks there is a small map. */
const MANY = 60;

/** A narrower canvas first shows only a part of the drawing, at a readable size. */
const NARROW = 600;
const READABLE = 0.7;
const LEAST_ZOOM = 0.05;

const NO_GRAPH: Graph = { name: "", nodes: [], edges: [] };

/** A thread's workflow and its tasks. Draws only the visible part. */
export default function GraphView(props: GraphViewProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ detail, selected, onSelect }: GraphViewProps) {
  const { thread, tasks } = detail;
  const { value: graph } = useResource<Graph>(`/graphs/${encodeURIComponent(thread.graph)}`);
  const next = useNext(detail);
  const shape = JSON.stringify(tasks.map(({ id, wave, dependsOn }) => [id, wave, dependsOn]));
  const placement = useMemo(() => layoutTasks(tasks), [shape]);
  const drawing = useMemo(() => drawWorkflow(graph ?? NO_GRAPH, placement), [graph, placement]);
  const cache = useRef(new TaskNodes());
  const { status, isRun } = thread;
  const stages = useMemo(
    () => stageElements(drawing, stageStatuses(drawing.stages, next, { status, isRun })),
    [drawing, next, status, isRun],
  );
  const nodes: Node[] = [
    ...stages.nodes,
    ...cache.current.nodesOf(tasks, placement, drawing, { selected, onSelect }),
  ];
  const edges = useMemo(() => [...stages.edges, ...taskEdges(tasks)], [stages, tasks]);
  const isFar = useStore(({ transform }) => transform[2] < FAR);
  useFit(drawing, tasks);
  return (
    <div className={isFar ? "canvas is-far" : "canvas"}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        minZoom={LEAST_ZOOM}
        maxZoom={1.5}
        colorMode="system"
      >
        <Controls showInteractive={false} />
        {tasks.length > MANY && (
          <MiniMap pannable zoomable nodeClassName={classOnMap} ariaLabel="Map of the graph" />
        )}
      </ReactFlow>
    </div>
  );
}

/** The running nodes: the next ones in the newest checkpoint. */
function useNext({ thread, tasks }: ThreadDetail): readonly string[] {
  const path = `/threads/${encodeURIComponent(thread.id)}/history?limit=1`;
  const left = tasks.filter(({ status }) => status === "pending" || status === "running").length;
  const { value } = useResource<CheckpointPage>(
    path,
    `${thread.status} ${thread.isRun} ${tasks.length} ${left === 0} ${thread.costUsd}`,
  );
  return value?.checkpoints[0]?.next ?? NOTHING;
}

const NOTHING: readonly string[] = [];

/**
 * Fits the drawing into the canvas after a change of its shape. A narrow canvas, as on a phone, shows the running task at
 * a readable size instead.
 */
function useFit(drawing: unknown, tasks: readonly TaskRow[]): void {
  const { fitView } = useReactFlow();
  const isNarrow = useStore(({ width }) => width > 0 && width < NARROW);
  useEffect(() => {
    const first = tasks.find(({ status }) => status === "running" || status === "waiting") ?? tasks[0];
    const around = isNarrow && first && { nodes: [{ id: `task ${first.id}` }], maxZoom: READABLE };
    const options = { padding: 0.08, minZoom: LEAST_ZOOM, maxZoom: 1, ...around };
    const frame = requestAnimationFrame(() => void fitView(options));
    return () => cancelAnimationFrame(frame);
  }, [drawing, fitView, isNarrow]);
}

function classOnMap({ type, data }: Node): string {
  if (type !== "task") return "map-stage";
  const { task } = data as { task: { status: string } };
  return `map-task status-${task.status}`;
}
