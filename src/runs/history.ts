import { z } from "zod";
import type { Checkpoint } from "../domain/checkpoint.ts";
import { TASK_STATUSES } from "../domain/task.ts";
import type { PastState, WorkflowGraph } from "./workflow-graph.ts";

/** At most `limit` checkpoints of a thread, of all branches, newest first, older than `before`. */
export async function historyOf(
  graph: WorkflowGraph,
  threadId: string,
  limit: number,
  before?: string,
): Promise<Checkpoint[]> {
  const options = { limit, ...(before && { before: { configurable: { checkpoint_id: before } } }) };
  const past: Checkpoint[] = [];
  for await (const state of graph.getStateHistory({ configurable: { thread_id: threadId } }, options)) {
    past.push(checkpointOf(state));
  }
  return past;
}

/** The checkpoint id in a config. */
export function checkpointIdOf(config: PastState["config"] | undefined): string | null {
  const id: unknown = config?.configurable?.["checkpoint_id"];
  return typeof id === "string" ? id : null;
}

function checkpointOf(state: PastState): Checkpoint {
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
