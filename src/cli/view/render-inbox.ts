import { commandLine } from "../../app.ts";
import type { HumanRequest } from "../../domain/request.ts";
import { renderAge, renderPlural } from "../../format/amounts.ts";
import { renderAnswerHint } from "./answer-hint.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderAnswer, renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";

/** Open requests, with the commands that answer them, and closed ones, with their answers. */
export function renderInbox(requests: readonly HumanRequest[], options: RenderOptions): string {
  const waiting = requests.filter(({ status }) => status === "open").length;
  const head =
    waiting === 0
      ? `Nothing waits for you. Start a run: ${commandLine('run orchestrate "…"')}`
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
    ...answerOf(request, nowMs).flatMap((text) => wrapToWidth(text, columns - 2).map((line) => `  ${line}`)),
    ...(status === "open" ? renderAnswerHint(request).map((line) => `  ${line}`) : []),
  ].join("\n");
}

/** The answer, or the one after the deadline. */
function answerOf(request: HumanRequest, nowMs: number): string[] {
  const { status, answer, deadlineAt, defaultAnswer } = request;
  if (answer !== null) return [renderAnswer({ ...request, decision: answer }, nowMs)];
  if (status === "withdrawn") return ["withdrawn: the thread has ended"];
  if (deadlineAt === null || defaultAnswer === null) return [];
  return [renderDeadline(defaultAnswer, deadlineAt, nowMs)];
}
