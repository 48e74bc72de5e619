import { renderBudget } from "../format/amounts.ts";
import { openRequests } from "../postgres/requests.ts";
import { findThread, setBudget } from "../postgres/threads/threads.ts";
import { answerByBudget } from "../requests/budget.ts";
import { recordAnswer } from "../runs/answer.ts";
import type { Cli } from "./cli.ts";

/**
 * Sets the budget of an existing thread, and tells the person the new one. A budget never falls below what is spent. When it
 * is enough for the calls that wait for it, it answers their question.
 */
export async function changeBudget(cli: Cli, threadId: string, wantedUsd: number): Promise<void> {
  if (!(await cli.hasRun())) return;
  const engine = await cli.engine();
  const { database } = engine;
  const thread = await findThread(database, threadId);
  if (!thread || thread.budgetUsd === wantedUsd) return;
  const budgetUsd = await setBudget(database, thread.id, wantedUsd);
  const limit = budgetUsd > wantedUsd ? `, because that much is spent: not ${renderBudget(wantedUsd)}` : "";
  cli.note(
    `The budget is now ${renderBudget(budgetUsd)} instead of ${renderBudget(thread.budgetUsd)}${limit}.`,
  );
  for (const request of await openRequests(database, thread.id)) {
    const decision = answerByBudget(request, budgetUsd);
    if (decision) await recordAnswer(engine, request.id, decision, cli.answerer);
  }
}
