import {
  renderBudget,
  renderClock,
  renderCount,
  renderDuration,
  renderPlural,
  renderUsd,
} from "../../format/amounts.ts";
import { clipToWidth, displayWidth, fitToWidth, oneLine } from "./display-width.ts";
import { createPainter, type Painter } from "./paint.ts";
import type { RunProgress, TaskProgress } from "./run-progress.ts";
import { markOf } from "./status-mark.ts";

/** The settings of one frame of the live list. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly nowMs: number;
  readonly elapsedMs: number;
  readonly budgetUsd: number;
  /** A stopped list has no spinner. */
  readonly isLive: boolean;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_MS = 100;
const PHASE_NAMES = { plan: "planning", agents: "agents", synthesis: "synthesis" } as const;
const COST_COLUMNS = 8;
const CLOCK_COLUMNS = 9;
const ID_MAX = 24;
const AGENT_MAX = 22;

/**
 * The lines of the live list: a header, the tasks that fit, and the number of the others. No line is wider than the
 * terminal, and at least two lines of it stay free.
 */
export function renderFrame(progress: RunProgress, frame: Frame): string[] {
  const paint = createPainter(frame.color);
  const width = frame.columns - 1;
  const shown = selectTasks(progress, Math.max(1, frame.rows - 4));
  const widths = columnWidths(shown, width);
  return [
    renderHeader(progress, frame, width),
    ...shown.map((task) => renderTask(task, widths, frame, paint)),
    ...(frame.isLive ? renderSpeech(progress, width, paint) : []),
    ...renderRest(progress, shown, width, paint),
  ];
}

/** Leaves out the last facts on a narrow terminal. */
function renderHeader(progress: RunProgress, frame: Frame, width: number): string {
  const { elapsedMs, budgetUsd, isLive, nowMs } = frame;
  const { phase, tasks, spentUsd } = progress;
  const done = renderCount(progress.count("completed"));
  const failed = progress.count("failed");
  const parts = [
    `${isLive ? spinnerAt(nowMs) : "·"} ${PHASE_NAMES[phase]}`,
    ...(tasks.size > 0 ? [`${done} of ${renderCount(tasks.size)} done`] : []),
    ...(failed > 0 ? [`${renderCount(failed)} failed`] : []),
    `${renderUsd(spentUsd)} of ${renderBudget(budgetUsd)}`,
    renderClock(elapsedMs),
  ];
  while (parts.length > 1 && displayWidth(parts.join(" · ")) > width) parts.pop();
  return clipToWidth(parts.join(" · "), width);
}

function spinnerAt(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? "";
}

/**
 * All tasks in the order of the plan if they fit. Otherwise the last ended ones, then waiting and running ones in the
 * order of their start, so that a task keeps its place, then the next ones.
 */
export function selectTasks(progress: RunProgress, limit: number): TaskProgress[] {
  const { tasks, open, ended } = progress;
  if (tasks.size <= limit) return [...tasks.values()];
  const running = [...open].filter((task) => task.status === "running").slice(0, limit);
  const waiting = [...open].filter((task) => task.status === "waiting").slice(0, limit - running.length);
  const left = limit - running.length - waiting.length;
  const shown = [...(left > 0 ? ended.slice(-left) : []), ...waiting, ...running];
  for (const task of tasks.values()) {
    if (shown.length >= limit) break;
    if (task.status === "pending") shown.push(task);
  }
  return shown;
}

interface Widths {
  readonly id: number;
  /** 0 without room for agents. */
  readonly agent: number;
  readonly text: number;
}

function columnWidths(shown: readonly TaskProgress[], width: number): Widths {
  const widest = (texts: readonly string[]) =>
    texts.reduce((most, text) => Math.max(most, displayWidth(oneLine(text))), 0);
  const id = Math.min(ID_MAX, Math.floor(width / 4), widest(shown.map((task) => task.id)));
  const agent =
    width >= 70 ? Math.min(AGENT_MAX, Math.floor(width / 4), widest(shown.map((task) => task.agent))) : 0;
  const used = 2 + id + 1 + (agent > 0 ? agent + 1 : 0) + CLOCK_COLUMNS + 1 + COST_COLUMNS + 2;
  return { id, agent, text: Math.max(0, width - used) };
}

function renderTask(task: TaskProgress, widths: Widths, frame: Frame, paint: Painter): string {
  const { glyph, tone } = markOf(task.status);
  const isRunning = task.status === "running";
  const isPending = task.status === "pending";
  const mark = isRunning && frame.isLive ? spinnerAt(frame.nowMs) : isRunning ? "·" : glyph;
  const clock = isRunning ? renderClock(frame.nowMs - task.startedAtMs) : renderEnd(task);
  const cost = task.costUsd > 0 ? renderUsd(task.costUsd) : "";
  const text = clipToWidth(saidBy(task, widths.text), widths.text);
  const line = [
    `${paint(tone, mark)} ${paint(isPending ? "dim" : undefined, fitToWidth(oneLine(task.id), widths.id))}`,
    ...(widths.agent > 0 ? [paint("dim", fitToWidth(oneLine(task.agent), widths.agent))] : []),
    fitToWidth(clock, CLOCK_COLUMNS, "right"),
    fitToWidth(cost, COST_COLUMNS, "right"),
  ].join(" ");
  return text === "" ? line.trimEnd() : `${line}  ${paint(task.status === "failed" ? "red" : "dim", text)}`;
}

function renderEnd({ ms }: TaskProgress): string {
  return ms === null ? "" : renderDuration(ms);
}

/** The progress that a task reports, then its latest words. */
function saidBy(task: TaskProgress, columns: number): string {
  if (task.stage === "") return textOf(task, columns);
  const stage = clipToWidth(oneLine(task.stage), Math.floor(columns / 2));
  const words = task.words ? textOf(task, columns - displayWidth(stage) - 2) : "";
  return words === "" ? stage : `${stage}: ${words}`;
}

/** The start of a result, or the end of streaming words. */
function textOf({ words, said }: TaskProgress | RunProgress, columns: number): string {
  if (!words) return oneLine(said);
  const text = oneLine(words.latest);
  return displayWidth(text) <= columns ? text : `…${endOf(text, columns - 1)}`;
}

function endOf(text: string, columns: number): string {
  const characters = [...text];
  let width = 0;
  let start = characters.length;
  while (start > 0) {
    width += displayWidth(characters[start - 1] ?? "");
    if (width > columns) break;
    start -= 1;
  }
  return characters.slice(start).join("").trimStart();
}

/** The latest words of the planner or the synthesizer. */
function renderSpeech(progress: RunProgress, width: number, paint: Painter): string[] {
  const text = clipToWidth(textOf(progress, width - 2), width - 2);
  return text === "" ? [] : [`  ${paint("dim", text)}`];
}

function renderRest(
  progress: RunProgress,
  shown: readonly TaskProgress[],
  width: number,
  paint: Painter,
): string[] {
  if (shown.length === progress.tasks.size) return [];
  const parts = (["completed", "failed", "running", "waiting", "pending", "cancelled"] as const).flatMap(
    (status) => {
      const left = progress.count(status) - shown.filter((task) => task.status === status).length;
      return left > 0 ? [`${renderCount(left)} more ${status}`] : [];
    },
  );
  const rest =
    parts.length > 0 ? parts.join(" · ") : renderPlural(progress.tasks.size - shown.length, "task");
  return [paint("dim", clipToWidth(`… ${rest}`, width))];
}
