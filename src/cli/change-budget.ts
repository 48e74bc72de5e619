import { renderBudget } from "../format/amounts.ts";
import { findThread, setBudget } from "../postgres/threads/threads.ts";
import type { Cli } from "./cli.ts";

/** Sets the budget of an existing thread, and tells the person the new one. A budget never falls below what is spent. */
export async function changeBudget(cli: Cli, threadId: string, wantedUsd: number): Promise<void> {
  if (!(await cli.hasRun())) return;
  const { database } = await cli.engine();
  const thread = await findThread(database, threadId);
  if (!thread || thread.budgetUsd === wantedUsd) return;
  const budgetUsd = await setBudget(database, thread.id, wantedUsd);
  const limit = budgetUsd > wantedUsd ? `, because that much is spent: not ${renderBudget(wantedUsd)}` : "";
  cli.note(
    `The budget is now ${renderBudget(budgetUsd)} instead of ${renderBudget(thread.budgetUsd)}${limit}.`,
  );
}
