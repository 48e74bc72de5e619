import { commandLine } from "../../app.ts";
import { wavesOf } from "../../domain/plan.ts";
import { renderCount, renderEstimate, renderPlural } from "../../format/amounts.ts";
import type { Section, ShownTask } from "../../requests/view.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter, type Painter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";

/** The most tasks, and the most lines of a prompt for few and for many tasks. */
const TASKS_SHOWN = 50;
const FEW = 10;
const LINES = { few: 60, many: 6 } as const;
const INDENT = "  ";

/**
 * The tasks of a plan, wave by wave: agent, dependencies, description, prompt and checks. Counts the tasks that it
 * leaves out.
 */
export function renderPlan(
  { tasks, estimateUsd }: Extract<Section, { type: "tasks" }>,
  options: RenderOptions,
): string {
  const waves = wavesOf(tasks);
  const waveOf = (task: ShownTask): number => waves.get(task.id) ?? 0;
  const sorted = [...tasks].sort((a, b) => waveOf(a) - waveOf(b));
  const shown = sorted.slice(0, TASKS_SHOWN);
  const paint = createPainter(options.color);
  const waveCount = new Set(tasks.map(waveOf)).size;
  const left = tasks.length - shown.length;
  return [
    paint("bold", `${renderPlural(tasks.length, "task")} in ${renderPlural(waveCount, "wave")}`),
    ...(estimateUsd === null
      ? []
      : wrapToWidth(`Estimate: ${renderEstimate(estimateUsd)}.`, options.columns)),
    ...shown.flatMap((task, index) => {
      const wave = waveOf(task);
      const isFirst = index === 0 || waveOf(shown[index - 1] ?? task) !== wave;
      return [...(isFirst ? waveHead(wave, paint) : []), ...renderTask(task, tasks.length, options, paint)];
    }),
    ...(left > 0 ? ["", `… and ${renderCount(left)} more. See all: ${commandLine("inbox --json")}`] : []),
  ].join("\n");
}

function waveHead(wave: number, paint: Painter): string[] {
  return ["", paint("dim", wave === 0 ? "wave 1" : `wave ${wave + 1}`)];
}

function renderTask(
  task: ShownTask,
  taskCount: number,
  { columns }: RenderOptions,
  paint: Painter,
): string[] {
  const after = task.dependsOn.map(oneLine).join(", ");
  const facts = [oneLine(task.agent), ...(task.model ? [oneLine(task.model)] : [])].join(" · ");
  const id = oneLine(task.id);
  const head = wrapToWidth(`${id}  ${facts}${after ? `  ← ${after}` : ""}`, columns - 2).map((line, index) =>
    index === 0 ? `${INDENT}${paint("cyan", id)}${line.slice(id.length)}` : `${INDENT}${INDENT}${line}`,
  );
  const prompt = manyLines(task.prompt);
  const description = oneLine(task.description);
  const isSame = description === oneLine(prompt) || description === "";
  return [
    ...head,
    ...(isSame ? [] : indented(wrapToWidth(description, columns - 4), "", paint, "bold")),
    ...renderPrompt(prompt, columns - 6, taskCount, paint),
    ...renderChecks(task, columns),
  ];
}

/** The checks of the result. A person must see a shell command before approving it. */
function renderChecks({ checks }: ShownTask, columns: number): string[] {
  if (checks.length === 0) return [];
  const lines = wrapToWidth(`checked by ${checks.map(oneLine).join(", and by ")}`, columns - 4);
  return lines.map((line) => `${INDENT}${INDENT}${line}`);
}

function renderPrompt(prompt: string, columns: number, taskCount: number, paint: Painter): string[] {
  const lines = wrapToWidth(prompt, columns);
  const limit = taskCount <= FEW ? LINES.few : LINES.many;
  const shown = lines.length > limit ? lines.slice(0, limit) : lines;
  const left = lines.length - shown.length;
  const rest = left > 0 ? [`… ${renderPlural(left, "more line")}`] : [];
  return indented([...shown, ...rest], "│ ", paint, undefined);
}

function indented(lines: readonly string[], bar: string, paint: Painter, tone: "bold" | undefined): string[] {
  return lines.map((line) => `${INDENT}${INDENT}${paint("dim", bar)}${paint(tone, line)}`.trimEnd());
}
