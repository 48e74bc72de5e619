import { type Node, Position } from "@xyflow/react";
import type { TaskRow } from "../../../server/api-types.ts";

/** The box of a task. */
export type TaskNode = Node<
  { readonly task: TaskRow; readonly isSelected: boolean; readonly onSelect: (id: string) => void },
  "task"
>;

/** The box of a node of the workflow; `tasks` is around the tasks. */
export type StageNode = Node<{ readonly label: string; readonly status: string }, "stage" | "end" | "tasks">;

/** The sides where edges may end. */
export const TASK_SIDES = [Position.Left, Position.Right] as const;
export const STAGE_SIDES = [Position.Left, Position.Right, Position.Top, Position.Bottom] as const;
