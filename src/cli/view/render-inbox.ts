import { commandLine } from "../../app.ts";
import type { HumanRequest } from "../../domain/request.ts";
import { renderAge, renderPlural } from "../../format/amounts.ts";
import { renderAnswerHint } from "./answer-hint.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderAnswer, renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";

/** What waits for a human, each with how to answer it, and what was answered, each with who did. */
export function renderInbox(requests: readonly HumanRequest[], options: RenderOptions): string {
  const waiting = requests.filter(({ status }) => status === "open").length;
  const head =
    waiting === 0
      ? `Nothing waits for you. A run asks when it has a plan: ${commandLine('run orchestrate "…"')}`
      : `${renderPlural(waiting, "request")} ${waiting === 1 ? "waits" : "wait"} for you.`;
  return [head, ...requests.map((request) => renderEntry(request, options))].join("\n\n");
}

function renderEntry(request: HumanRequest, { columns, color, nowMs = Date.now() }: RenderOptions): string {
  const { id, kind, taskId, threadId, summary, askedAt, status } = request;
  const paint = createPainter(color);
  const facts = [kind, ...(taskId === null ? [] : [`task ${oneLine(taskId)}`]), renderAge(askedAt, nowMs)];
  const mark = status === "open" ? paint("yellow", "?") : paint("dim", "·");
  return [
    `${mark} ${paint("bold", oneLine(id))}  ${paint("dim", facts.join(" · "))}`,
    ...wrapToWidth(manyLines(summary), columns - 2).map((line) => `  ${line}`),
    paint("dim", `  thread ${threadId}`),
    ...standOf(request, nowMs).flatMap((text) => wrapToWidth(text, columns - 2).map((line) => `  ${line}`)),
    ...(status === "open" ? renderAnswerHint(request).map((line) => `  ${line}`) : []),
  ].join("\n");
}

/** What was decided, or will be when nobody does. */
function standOf(request: HumanRequest, nowMs: number): string[] {
  const { status, answer, deadlineAt, defaultAnswer } = request;
  if (answer !== null) return [renderAnswer({ ...request, decision: answer }, nowMs)];
  if (status === "withdrawn") return ["withdrawn: its thread has ended another way"];
  if (deadlineAt === null || defaultAnswer === null) return [];
  return [renderDeadline(defaultAnswer, deadlineAt, nowMs)];
}
