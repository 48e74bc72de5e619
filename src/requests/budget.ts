import { z } from "zod";
import { CEILINGS } from "../domain/budget.ts";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import type { HumanRequest } from "../domain/request.ts";
import { renderBudget, renderUsd } from "../format/amounts.ts";
import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import { retryTask } from "../postgres/agent-coordination/waiting.ts";
import { callTotals } from "../postgres/claude-calls/totals.ts";
import { unknownUsd } from "../postgres/claude-calls/unknown-costs.ts";
import type { Database } from "../postgres/database.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { raiseBudget } from "../postgres/threads/threads.ts";
import { approve, edit, giveUp } from "./actions.ts";
import { type Asked, defineKind, type TaskAnswer } from "./kind.ts";
import { NOBODY_ANSWERED } from "./nobody-answered.ts";
import type { NamedText } from "./view.ts";
import { giveUpTask } from "./waiting-tasks.ts";

/**
 * Amounts in USD. `nextUsd` is the worst case of the cheapest waiting call, `neededUsd` that of all of them; `budgetUsd` is
 * the new budget of the thread or task after an approval; `unknownUsd` is the part of `spentUsd` that is an assumption.
 */
const budgetSchema = z.looseObject({
  ceiling: z.enum(CEILINGS),
  spentUsd: z.number(),
  nextUsd: z.number(),
  neededUsd: z.number(),
  limitUsd: z.number(),
  budgetUsd: z.number().optional(),
  unknownUsd: z.number().optional(),
  tasks: z.array(z.string()),
});
type Budget = z.infer<typeof budgetSchema>;

const argsSchema = z.looseObject({ budgetUsd: z.number().positive() });

/** The next call does not fit under a ceiling: asks whether to raise it. */
export const budgetKind = defineKind({
  name: "budget",
  payload: budgetSchema,
  title: "The budget is too small for the next call",
  titleOf: ({ ceiling }) => (ceiling === "outage" ? "Claude cannot be reached" : undefined),
  question: "Go on?",
  isAutoApprovable: false,
  // Only a human may raise a budget.
  byDefault: (answer) => (answer === "reject" ? { type: "reject", message: NOBODY_ANSWERED } : undefined),
  ways: (budget) =>
    budget && budget.budgetUsd === undefined
      ? ["approve", "reject"]
      : ["approve", "--budget <USD>", "reject"],
  sections: (budget) => [{ type: "facts", facts: factsOf(budget) }],
  actions: (budget) => {
    const raised = budget?.budgetUsd;
    return [
      approve(raised === undefined ? "Go on" : `Raise to ${renderBudget(raised)}`),
      ...(budget && raised !== undefined ? [anotherAmount(budget, raised)] : []),
      giveUp("Give up", "Why (optional)", "[n]o"),
    ];
  },
  check: (asked, decision) => {
    raisedBudget(asked, decision);
  },
  settle,
});

function factsOf(budget: Budget): NamedText[] {
  const { ceiling, spentUsd, limitUsd, nextUsd, neededUsd, tasks, unknownUsd = 0 } = budget;
  const isKnown = ceiling !== "account" && ceiling !== "outage";
  return [
    { name: "Ceiling", text: ceiling },
    ...(isKnown ? [{ name: "Spent", text: `${renderUsd(spentUsd)} of ${renderBudget(limitUsd)}` }] : []),
    ...(unknownUsd > 0 ? [{ name: "Of that, unknown", text: `${renderUsd(unknownUsd)} ${UNKNOWN}` }] : []),
    ...(isKnown ? [{ name: "Next call, at most", text: renderUsd(nextUsd) }] : []),
    ...(tasks.length > 1 ? [{ name: "All that wait, at most", text: renderUsd(neededUsd) }] : []),
    ...(tasks.length > 0 ? [{ name: "Waiting", text: tasks.join(", ") }] : []),
  ];
}

const UNKNOWN = "at most, of calls that were cut off or not counted: cost <thread> --settle";

function anotherAmount({ spentUsd, nextUsd }: Budget, amount: number) {
  return edit(
    "Another amount",
    {
      type: "amount",
      label: "Raise the budget to, USD",
      name: "budgetUsd",
      amount,
      least: spentUsd + nextUsd,
      send: "Raise",
    },
    "another amount in USD",
  );
}

/** The calls that do not fit under a ceiling. */
export interface BudgetNeed {
  readonly gap: BudgetGap;
  readonly tasks: readonly string[];
  /** The worst case of each waiting call. */
  readonly needsUsd: readonly number[];
}

/** Asks to raise a ceiling, or only to try again when the ceiling is outside of the thread. */
export async function budgetRequest(
  { database, threadId, stop }: { database: Database; threadId: string; stop: string | undefined },
  { gap, tasks, needsUsd }: BudgetNeed,
): Promise<NewRequest> {
  const { ceiling, limitUsd, sentence } = gap;
  const taskId = ceiling === "task" ? (tasks[0] ?? null) : null;
  const isThread = ceiling === "thread";
  const spentUsd = isThread ? (await callTotals(database, threadId)).costUsd : gap.spentUsd;
  const assumedUsd = isThread ? await unknownUsd(database, threadId) : 0;
  const neededUsd = needsUsd.reduce((sum, need) => sum + need, 0);
  const canRaise = ceiling === "thread" || ceiling === "task";
  const budgetUsd = canRaise ? roundedUp(Math.max(spentUsd + neededUsd, limitUsd)) : undefined;
  const advice = budgetUsd === undefined ? ADVICE[ceiling] : `Raise it to $${budgetUsd.toFixed(2)}?`;
  const nextUsd = Math.min(...needsUsd);
  return budgetKind.request({
    threadId,
    stop,
    about: `${ceiling} ${taskId ?? ""}`,
    taskId,
    payload: {
      ceiling,
      limitUsd,
      spentUsd,
      neededUsd,
      nextUsd,
      tasks: [...tasks],
      budgetUsd,
      ...(assumedUsd > 0 && { unknownUsd: assumedUsd }),
    },
    summary: [sentence, ...(assumedUsd > 0 ? [assumed(assumedUsd)] : []), advice].join(" "),
  });
}

function assumed(usd: number): string {
  return `Of what is spent, up to $${usd.toFixed(usd >= 0.1 ? 2 : 4)} is unknown, because calls were cut off or not counted.`;
}

const ADVICE = {
  thread: "",
  task: "",
  day: "Raise DAY_BUDGET_USD or wait until tomorrow, then approve to try again.",
  account: "Solve this in your Claude account, then approve to try again.",
  outage: "Approve to try again.",
} as const;

/** The answer that a new budget of the thread gives to a request; undefined when it gives none, or is too small for it. */
export function answerByBudget({ kind, payload }: HumanRequest, budgetUsd: number): Decision | undefined {
  if (kind !== budgetKind.name) return undefined;
  const { ceiling, spentUsd, nextUsd } = budgetSchema.parse(payload);
  const isAnswer = ceiling === "thread" && budgetUsd >= spentUsd + nextUsd;
  return isAnswer ? { type: "edit", args: { budgetUsd } } : undefined;
}

/** Raises the thread's budget if the decision says so. */
export async function raiseAsDecided(
  database: Database,
  threadId: string,
  asked: Asked,
  decision: Decision,
): Promise<void> {
  const budgetUsd = raisedBudget(asked, decision);
  if (budgetUsd !== undefined) await raiseBudget(database, threadId, budgetUsd);
}

async function settle(answer: TaskAnswer): Promise<void> {
  const { database, execution, asked, tasks, decision } = answer;
  if (decision.type === "reject") {
    for (const task of tasks) await giveUpTask(answer, task, decision.message);
    return;
  }
  const isOwn = budgetSchema.parse(asked.payload).ceiling === "task";
  const budgetUsd = isOwn ? raisedBudget(asked, decision) : undefined;
  if (!isOwn) await raiseAsDecided(database, execution.threadId, asked, decision);
  for (const { id } of tasks) {
    await retryTask(database, execution, id, {
      ...(budgetUsd !== undefined && { budgetUsd }),
      restartsLadder: false,
    });
  }
}

/** The new budget in a decision; undefined when it raises none. @throws UsageError when it is too small. */
function raisedBudget(asked: Asked, decision: Decision): number | undefined {
  const { spentUsd, nextUsd, budgetUsd } = budgetSchema.parse(asked.payload);
  if (decision.type === "approve") return budgetUsd;
  if (decision.type !== "edit") return undefined;
  const args = argsSchema.safeParse(decision.args);
  const least = spentUsd + nextUsd;
  if (args.success && args.data.budgetUsd >= least) return args.data.budgetUsd;
  throw new UsageError(
    `The answer to ${asked.id} must raise the budget to at least ${roundedUp(least)} USD: $${spentUsd.toFixed(4)} are spent and the next call may cost $${nextUsd.toFixed(4)}.`,
  );
}

/** Rounds USD up to a whole cent. */
function roundedUp(usd: number): number {
  return Math.ceil(Number((usd * 100).toFixed(6))) / 100;
}
