import type { RequestKind } from "../../core/requests.ts";
import type { HumanRequest } from "../../postgres/requests.ts";
import { renderAge } from "./amounts.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderPlan } from "./render-plan.ts";

const TITLES: Readonly<Record<RequestKind, string>> = {
  plan: "A plan waits for you",
  tool: "A tool call waits for you",
  budget: "The budget does not suffice",
  failure: "A task has failed",
  result: "A result waits for you",
  question: "An agent has a question",
};

/** One request with all that is needed to decide about it. */
export function renderRequest(request: HumanRequest, options: RenderOptions): string {
  const { id, kind, taskId, threadId, summary, payload, askedAt } = request;
  const paint = createPainter(options.color);
  const facts = [
    oneLine(id),
    ...(taskId === null ? [] : [`task ${oneLine(taskId)}`]),
    `thread ${threadId}`,
    renderAge(askedAt, options.nowMs ?? Date.now()),
  ];
  const body =
    kind === "plan"
      ? renderPlan(payload, options)
      : [
          ...wrapToWidth(manyLines(summary), options.columns),
          ...wrapToWidth(manyLines(JSON.stringify(payload, null, 2)), options.columns),
        ].join("\n");
  return [
    paint("yellow", `? ${TITLES[kind]}`),
    ...wrapToWidth(facts.join(" · "), options.columns).map((line) => paint("dim", line)),
    "",
    body,
  ].join("\n");
}
