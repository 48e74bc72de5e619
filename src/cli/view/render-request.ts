import { z } from "zod";
import type { RequestKind } from "../../domain/request.ts";
import { renderAge, renderBudget, renderUsd } from "../../format/amounts.ts";
import { clip } from "../../format/text.ts";
import type { HumanRequest } from "../../postgres/requests.ts";
import {
  type BudgetPayload,
  budgetPayloadSchema,
  type FailurePayload,
  failurePayloadSchema,
  questionPayloadSchema,
  resultPayloadSchema,
  type ToolPayload,
  toolPayloadSchema,
} from "../../requests/requests.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderDeadline } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderPlan } from "./render-plan.ts";

/** Characters of a prompt or an answer that are shown. */
const SHOWN = 1200;

/** Characters of one argument of a call: who allows it has to see what it does. */
const ARGUMENT_SHOWN = 8000;

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
  const { id, kind, taskId, threadId, askedAt, deadlineAt, defaultAnswer } = request;
  const { nowMs = Date.now() } = options;
  const paint = createPainter(options.color);
  const facts = [
    oneLine(id),
    ...(taskId === null ? [] : [`task ${oneLine(taskId)}`]),
    `thread ${threadId}`,
    renderAge(askedAt, nowMs),
    ...(deadlineAt === null || defaultAnswer === null
      ? []
      : [renderDeadline(defaultAnswer, deadlineAt, nowMs)]),
  ];
  return [
    paint("yellow", `? ${TITLES[kind]}`),
    ...wrapToWidth(facts.join(" · "), options.columns).map((line) => paint("dim", line)),
    "",
    bodyOf(request, options),
  ].join("\n");
}

/** What the decision is about, in the way that suits its kind. */
function bodyOf({ kind, summary, payload }: HumanRequest, options: RenderOptions): string {
  if (kind === "plan") return renderPlan(payload, options);
  const result = kind === "result" ? resultPayloadSchema.safeParse(payload) : undefined;
  // The whole answer: who approves it has to be able to read it.
  if (result?.success) return wrapToWidth(manyLines(result.data.output), options.columns).join("\n");
  const lines = [summary, ...(detailsOf(kind, payload) ?? [JSON.stringify(payload, null, 2)])];
  return lines.flatMap((line) => wrapToWidth(manyLines(line), options.columns)).join("\n");
}

/** Undefined for a payload that is not as we know it: then it is shown as it is. */
function detailsOf(kind: RequestKind, payload: unknown): string[] | undefined {
  if (kind === "budget") {
    const budget = budgetPayloadSchema.safeParse(payload);
    return budget.success ? budgetDetails(budget.data) : undefined;
  }
  if (kind === "tool") return toolDetails(toolPayloadSchema.safeParse(payload).data);
  const question = kind === "question" ? questionPayloadSchema.safeParse(payload).data : undefined;
  if (question) return (question.options ?? []).map((option) => `- ${option}`);
  const failure = kind === "failure" ? failurePayloadSchema.safeParse(payload) : undefined;
  return failure?.success ? failureDetails(failure.data) : undefined;
}

/** The arguments each under its name, long texts as they are rather than as JSON. */
function toolDetails(payload: ToolPayload | undefined): string[] | undefined {
  const args = z.record(z.string(), z.unknown()).safeParse(payload?.args);
  if (!args.success) return undefined;
  return Object.entries(args.data).flatMap(([name, value]) => {
    const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
    const shown = clip(text, ARGUMENT_SHOWN);
    return shown.includes("\n")
      ? [`${name}:`, ...shown.split("\n").map((line) => `│ ${line}`)]
      : [`${name}: ${shown}`];
  });
}

function budgetDetails({ ceiling, spentUsd, limitUsd, tasks }: BudgetPayload): string[] {
  return [
    ...(ceiling === "account" ? [] : [`Spent so far: ${renderUsd(spentUsd)} of ${renderBudget(limitUsd)}.`]),
    ...(tasks.length > 0 ? [`Waiting for it: ${clip(tasks.join(", "), SHOWN)}`] : []),
  ];
}

function failureDetails({ prompt, attempts, answer }: FailurePayload): string[] {
  return [
    "",
    `The prompt: ${clip(prompt, SHOWN)}`,
    ...attempts.map(({ attempt, model, digest }) => `Attempt ${attempt} (${model}): ${digest}`),
    ...(answer === null ? [] : ["", `The last answer: ${clip(answer, SHOWN)}`]),
  ];
}
