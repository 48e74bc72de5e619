import { z } from "zod";
import { CEILINGS } from "../domain/budget.ts";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import type { RequestKind } from "../domain/request.ts";

/** What is asked, as far as it says what may be answered. */
export interface Asked {
  readonly id: string;
  readonly kind: RequestKind;
  readonly payload: unknown;
}

/**
 * What a `budget` request shows. Amounts in USD: `nextUsd` is the most that the cheapest of the waiting calls may cost,
 * `neededUsd` all of them at once; `budgetUsd` is what approving raises a thread's or task's budget to.
 */
export const budgetPayloadSchema = z.looseObject({
  ceiling: z.enum(CEILINGS),
  spentUsd: z.number(),
  nextUsd: z.number(),
  neededUsd: z.number(),
  limitUsd: z.number(),
  budgetUsd: z.number().optional(),
  tasks: z.array(z.string()),
});
export type BudgetPayload = z.infer<typeof budgetPayloadSchema>;

/** What a `failure` request shows: the prompt, why each attempt failed, and the last answer there was, if any. */
export const failurePayloadSchema = z.looseObject({
  prompt: z.string(),
  answer: z.string().nullable(),
  attempts: z.array(
    z.object({ attempt: z.number(), model: z.string(), failure: z.string(), digest: z.string() }),
  ),
});
export type FailurePayload = z.infer<typeof failurePayloadSchema>;

/** Where a call is recorded that a request is about: the API's id of it, and the attempt and the turn that asked for it. */
export const callPayloadSchema = z.looseObject({
  task: z.string(),
  agent: z.string(),
  call: z.string(),
  attempt: z.number(),
  turn: z.number(),
});

/** What a `tool` request shows: a call with its arguments, which an edit changes. */
export const toolPayloadSchema = callPayloadSchema.extend({ tool: z.string(), args: z.unknown() });
export type ToolPayload = z.infer<typeof toolPayloadSchema>;

/** What a `question` request shows: what an agent asks, and the answers it thinks of. */
export const questionPayloadSchema = callPayloadSchema.extend({
  question: z.string(),
  options: z.array(z.string()).optional(),
});
export type QuestionPayload = z.infer<typeof questionPayloadSchema>;

/** What a `result` request shows, as far as it says what is asked about. */
export const resultPayloadSchema = z.looseObject({ output: z.string() });

const toolArgsSchema = z.record(z.string(), z.unknown());
const budgetArgsSchema = z.looseObject({ budgetUsd: z.number().positive() });
const outputArgsSchema = z.union([
  z.string().trim().min(1),
  z.looseObject({ output: z.string().trim().min(1) }).transform(({ output }) => output),
]);
const promptArgsSchema = z.looseObject({ prompt: z.string().trim().min(1) });

/** The decisions that fit a request. */
export function allowedDecisions({ kind, payload }: Omit<Asked, "id">): Decision["type"][] {
  if (kind === "budget") {
    const budget = budgetPayloadSchema.safeParse(payload);
    const canRaise = budget.success && budget.data.budgetUsd !== undefined;
    return canRaise ? ["approve", "edit", "reject"] : ["approve", "reject"];
  }
  if (kind === "failure") {
    const failure = failurePayloadSchema.safeParse(payload);
    const hasAnswer = failure.success && failure.data.answer !== null;
    return hasAnswer ? ["approve", "edit", "respond", "reject"] : ["edit", "respond", "reject"];
  }
  if (kind === "tool") return ["approve", "edit", "respond", "reject"];
  return kind === "question" ? ["respond", "reject"] : ["approve", "edit", "reject"];
}

/** @throws UsageError when the decision does not fit the request. Of a plan's edit the plan itself is not checked. */
export function checkDecision(asked: Asked, decision: Decision): void {
  const allowed = allowedDecisions(asked);
  if (!allowed.includes(decision.type)) {
    throw new UsageError(
      `Request ${asked.id} can be answered with ${allowed.join(", ")}, not with ${decision.type}: ${WHY[decision.type]}.`,
    );
  }
  if (asked.kind === "budget") raisedBudget(asked, decision);
  if (decision.type !== "edit") return;
  if (asked.kind === "failure") editedPrompt(asked, decision.args);
  if (asked.kind === "result") editedOutput(asked.id, decision.args);
  if (asked.kind === "tool" && !toolArgsSchema.safeParse(decision.args).success) {
    throw new UsageError(`The edit of ${asked.id} must bring the call's changed arguments, a JSON object.`);
  }
}

const WHY: Readonly<Record<Decision["type"], string>> = {
  approve: "there is nothing that could be approved",
  edit: "there is nothing to change",
  reject: "it is needed",
  respond: "it asks for no words",
};

/**
 * The budget that a decision raises to, or undefined when it raises none.
 *
 * @throws UsageError for one that would not let anything go on.
 */
export function raisedBudget(asked: Asked, decision: Decision): number | undefined {
  const payload = budgetPayloadSchema.parse(asked.payload);
  if (decision.type === "approve") return payload.budgetUsd;
  if (decision.type !== "edit") return undefined;
  const args = budgetArgsSchema.safeParse(decision.args);
  const least = payload.spentUsd + payload.nextUsd;
  if (args.success && args.data.budgetUsd >= least) return args.data.budgetUsd;
  throw new UsageError(
    `The answer to ${asked.id} must raise the budget to at least ${roundedUp(least)} USD: $${payload.spentUsd.toFixed(4)} are spent and the next call may cost $${payload.nextUsd.toFixed(4)}.`,
  );
}

/** The prompt that an edit of a `failure` request brings. @throws UsageError when there is none. */
export function editedPrompt(asked: Asked, args: unknown): string {
  const parsed = promptArgsSchema.safeParse(args);
  if (parsed.success) return parsed.data.prompt;
  throw new UsageError(`The edit of ${asked.id} must bring the changed prompt: {"prompt": "…"}.`);
}

/** The text that an edit of a `result` request brings, alone or as `output`. @throws UsageError when there is none. */
export function editedOutput(requestId: string, args: unknown): string {
  const parsed = outputArgsSchema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new UsageError(`The edit of ${requestId} must bring the changed answer: {"output": "…"}.`);
}

/** An amount in USD, up to the next whole cent. */
export function roundedUp(usd: number): number {
  return Math.ceil(Number((usd * 100).toFixed(6))) / 100;
}
