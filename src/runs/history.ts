import { z } from "zod";
import { TASK_STATUSES } from "../domain/task.ts";
import type { PastState, WorkflowGraph } from "./workflow-graph.ts";

/** A point of a thread's past, which a fork can go on from. */
export interface PastCheckpoint {
  readonly id: string;
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly at: string;
  /** Who made it: `input`, `loop`, `update` or `fork`. */
  readonly source: string;
  readonly step: number;
  /** The nodes that come next; none at the end. */
  readonly next: readonly string[];
  /** What the state there holds, in a few words. */
  readonly summary: string;
}

/** The checkpoints of a thread's graph, newest first, of all its branches; at most `limit`, older than `before`. */
export async function historyOf(
  graph: WorkflowGraph,
  threadId: string,
  limit: number,
  before?: string,
): Promise<PastCheckpoint[]> {
  const options = { limit, ...(before && { before: { configurable: { checkpoint_id: before } } }) };
  const past: PastCheckpoint[] = [];
  for await (const state of graph.getStateHistory({ configurable: { thread_id: threadId } }, options)) {
    past.push(checkpointOf(state));
  }
  return past;
}

/** The id of the checkpoint that a config names. */
export function checkpointIdOf(config: PastState["config"] | undefined): string | null {
  const id: unknown = config?.configurable?.["checkpoint_id"];
  return typeof id === "string" ? id : null;
}

function checkpointOf(state: PastState): PastCheckpoint {
  const { config, parentConfig, createdAt, metadata, next, values } = state;
  return {
    id: checkpointIdOf(config) ?? "",
    parentId: checkpointIdOf(parentConfig),
    at: createdAt ?? "",
    source: metadata?.source ?? "loop",
    step: metadata?.step ?? 0,
    next,
    summary: summaryOf(values),
  };
}

const summarySchema = z.object({
  currentTasks: z.array(z.unknown()).catch([]),
  agentResults: z.record(z.string(), z.object({ status: z.enum(TASK_STATUSES) })).catch({}),
  feedback: z.string().catch(""),
  verdict: z.string().nullable().catch(null),
});

function summaryOf(values: PastState["values"]): string {
  const { currentTasks, agentResults, feedback, verdict } = summarySchema.parse(values);
  const planned = currentTasks.length;
  const statuses = Object.values(agentResults).map((result) => result.status);
  const counts = TASK_STATUSES.map((status) => {
    const count = statuses.filter((one) => one === status).length;
    return count > 0 ? `${count} ${status}` : "";
  }).filter((words) => words !== "");
  return [
    planned === 0 ? "no plan yet" : `${planned} ${planned === 1 ? "task" : "tasks"} planned`,
    ...counts,
    ...(feedback === "" ? [] : ["plan rejected"]),
    ...(verdict === null ? [] : [verdict]),
  ].join(", ");
}
