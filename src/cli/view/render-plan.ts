import { wavesOf } from "../../domain/plan.ts";
import { renderEstimate, renderPlural } from "../../format/amounts.ts";
import { lineForDecision } from "../../format/decision-text.ts";
import type { Section, ShownTask } from "../../requests/view.ts";
import { decisionLines, markedLines, namedLines } from "./decision-lines.ts";
import { wrapToWidth } from "./display-width.ts";
import { createPainter, type Painter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";

const INDENT = "  ";

/** All tasks of a plan, wave by wave, each whole: agent, dependencies, description, prompt and checks. */
export function renderPlan(
  { tasks, estimateUsd }: Extract<Section, { type: "tasks" }>,
  options: RenderOptions,
): string {
  const waves = wavesOf(tasks);
  const waveOf = (task: ShownTask): number => waves.get(task.id) ?? 0;
  const sorted = [...tasks].sort((a, b) => waveOf(a) - waveOf(b));
  const paint = createPainter(options.color);
  const waveCount = new Set(tasks.map(waveOf)).size;
  return [
    paint("bold", `${renderPlural(tasks.length, "task")} in ${renderPlural(waveCount, "wave")}`),
    ...(estimateUsd === null
      ? []
      : wrapToWidth(`Estimate: ${renderEstimate(estimateUsd)}.`, options.columns)),
    ...sorted.flatMap((task, index) => {
      const wave = waveOf(task);
      const isFirst = index === 0 || waveOf(sorted[index - 1] ?? task) !== wave;
      return [...(isFirst ? waveHead(wave, paint) : []), ...renderTask(task, options.columns, paint)];
    }),
  ].join("\n");
}

function waveHead(wave: number, paint: Painter): string[] {
  return ["", paint("dim", wave === 0 ? "wave 1" : `wave ${wave + 1}`)];
}

function renderTask(task: ShownTask, columns: number, paint: Painter): string[] {
  const { agent, model, dependsOn, description, prompt, checks } = task;
  const after = dependsOn.map(lineForDecision).join(", ");
  const facts = [agent, ...(model ? [model] : [])].map(lineForDecision).join(" · ");
  const id = lineForDecision(task.id);
  const room = columns - 4;
  const head = markedLines(`${id}  ${facts}${after ? `  ← ${after}` : ""}`, room).map((line, index) =>
    index === 0
      ? `${INDENT}${paint("cyan", line.slice(0, id.length))}${line.slice(id.length)}`
      : indented(line),
  );
  const shown = lineForDecision(description);
  const isSame = description === prompt || description === "";
  return [
    ...head,
    ...(isSame ? [] : markedLines(shown, room).map((line) => indented(paint("bold", line)))),
    ...decisionLines(prompt, room).map((line) => indented(line)),
    // A person must see a shell command before approving it.
    ...checks.flatMap((check) => namedLines("checked by", check, room)).map((line) => indented(line)),
  ];
}

function indented(line: string): string {
  return `${INDENT}${INDENT}${line}`;
}
