import type { HumanRequest } from "../../postgres/requests.ts";
import { renderAge, renderPlural } from "./amounts.ts";
import { renderAnswerHint } from "./answer-hint.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";

/** What waits for a human, each with how to answer it. */
export function renderInbox(requests: readonly HumanRequest[], options: RenderOptions): string {
  if (requests.length === 0) {
    return 'Nothing waits for you. A run asks when it has a plan: npm run graph -- run orchestrate "…"';
  }
  const blocks = requests.map((request) => renderEntry(request, options));
  const verb = requests.length === 1 ? "waits" : "wait";
  return [`${renderPlural(requests.length, "request")} ${verb} for you.`, ...blocks].join("\n\n");
}

function renderEntry(request: HumanRequest, { columns, color, nowMs = Date.now() }: RenderOptions): string {
  const { id, kind, taskId, threadId, summary, askedAt } = request;
  const paint = createPainter(color);
  const facts = [kind, ...(taskId === null ? [] : [`task ${oneLine(taskId)}`]), renderAge(askedAt, nowMs)];
  return [
    `${paint("yellow", "?")} ${paint("bold", oneLine(id))}  ${paint("dim", facts.join(" · "))}`,
    ...wrapToWidth(manyLines(summary), columns - 2).map((line) => `  ${line}`),
    paint("dim", `  thread ${threadId}`),
    ...renderAnswerHint(request).map((line) => `  ${line}`),
  ].join("\n");
}
