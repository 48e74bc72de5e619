import { commandLine } from "../../app.ts";
import type { HumanRequest } from "../../domain/request.ts";
import { renderAge, renderPlural } from "../../format/amounts.ts";
import { lineForDecision } from "../../format/decision-text.ts";
import { renderAnswerHint } from "./answer-hint.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderAnswer, renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";
import { shownContent } from "./render-request.ts";

/** Open requests, with the commands that answer them, and closed ones, with their answers. */
export function renderInbox(requests: readonly HumanRequest[], options: RenderOptions): string {
  const waiting = requests.filter(({ status }) => status === "open").length;
  const head =
    waiting === 0
      ? `Nothing waits for you. Start a run: ${commandLine('run orchestrate "…"')}`
      : `${renderPlural(waiting, "request")} ${waiting === 1 ? "waits" : "wait"} for you.`;
  return [head, ...requests.map((request) => renderEntry(request, options))].join("\n\n");
}

/** One request: its content, and the commands that answer it. Indented below its mark. */
export function renderEntry(request: HumanRequest, options: RenderOptions): string {
  const { columns, color, nowMs = Date.now() } = options;
  const { id, kind, taskId, threadId, summary, askedAt, status } = request;
  const paint = createPainter(color);
  const facts = [
    kind,
    ...(taskId === null ? [] : [`task ${lineForDecision(taskId)}`]),
    renderAge(askedAt, nowMs),
  ];
  const isOpen = status === "open";
  const mark = isOpen ? paint("yellow", "?") : paint("dim", "·");
  const inner = { columns: columns - 2, color, nowMs };
  const { lines, rest } = isOpen
    ? shownContent(request, inner)
    : { lines: wrapToWidth(manyLines(summary), inner.columns), rest: [] };
  const hints = isOpen ? renderAnswerHint(request, undefined, rest.length === 0) : [];
  return [
    `${mark} ${paint("bold", oneLine(id))}  ${paint("dim", facts.join(" · "))}`,
    ...lines.map((line) => `  ${line}`),
    paint("dim", `  thread ${threadId}`),
    ...answerOf(request, nowMs).flatMap((text) => wrapToWidth(text, columns - 2).map((line) => `  ${line}`)),
    ...hints.map((line) => `  ${paint("cyan", line)}`),
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
