import type { TaskStatus, ThreadStatus } from "../../domain/task.ts";
import type { Tone } from "./paint.ts";

interface Mark {
  readonly glyph: string;
  readonly tone: Tone | undefined;
}

const MARKS: Readonly<Record<TaskStatus, Mark>> = {
  pending: { glyph: "·", tone: "dim" },
  running: { glyph: "▸", tone: "cyan" },
  waiting: { glyph: "?", tone: "yellow" },
  completed: { glyph: "✓", tone: "green" },
  failed: { glyph: "✗", tone: "red" },
  blocked: { glyph: "⊘", tone: "yellow" },
  cancelled: { glyph: "–", tone: "dim" },
};

/** The glyph and the colour of a task's status. All glyphs are one column wide. */
export function markOf(status: TaskStatus): Mark {
  return MARKS[status];
}

export function toneOfThread(status: ThreadStatus): Tone | undefined {
  if (status === "queued") return "dim";
  if (status === "partial") return "yellow";
  return MARKS[status].tone;
}
