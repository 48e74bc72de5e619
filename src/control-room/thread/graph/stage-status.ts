import type { ThreadView } from "../../../server/api-types.ts";
import type { Stage } from "./draw-workflow.ts";

/**
 * The status of each stage by its id. The next stages are running, or waiting like their thread. Stages before them in the
 * main row are completed. `next` is from the newest checkpoint.
 */
export function stageStatuses(
  stages: readonly Stage[],
  next: readonly string[],
  { status, isRun }: Pick<ThreadView, "status" | "isRun">,
): Map<string, string> {
  const current = stages.filter(({ id }) => next.includes(id));
  const mainRow = current.filter(({ row }) => row === 0).map(({ column }) => column);
  const hasEnded = next.length === 0 && (status === "completed" || status === "partial");
  const passedUntil = hasEnded ? Number.POSITIVE_INFINITY : Math.min(...mainRow, Number.POSITIVE_INFINITY);
  const isKnown = hasEnded || mainRow.length > 0;
  const now = status === "waiting" ? "waiting" : isRun ? "running" : "pending";
  return new Map(
    stages.map(({ id, row, column }) => {
      if (next.includes(id)) return [id, now];
      return [id, isKnown && row === 0 && column < passedUntil ? "completed" : "pending"];
    }),
  );
}
