import { commandLine } from "../app.ts";
import { UsageError } from "../domain/errors.ts";
import { renderUsd } from "../format/amounts.ts";
import { settleUnknownCost, type UnknownCost, unknownCosts } from "../postgres/claude-calls/unknown-costs.ts";
import type { Database } from "../postgres/database.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";

/**
 * Settles calls of a thread whose costs are unknown, at what a human says.
 *
 * @param given - `CALL=USD`, with commas between; `true` shows the calls, and asks about each on a terminal.
 * @throws UsageError when what is given is no such list, or the thread has no such call. Then nothing was settled.
 */
export async function settleCosts(
  cli: Cli,
  database: Database,
  threadId: string,
  given: string | true,
): Promise<void> {
  const unknown = await unknownCosts(database, threadId);
  const costs = given === true ? await askForCosts(cli, threadId, unknown) : parseCosts(given, unknown);
  for (const cost of costs) {
    await settleUnknownCost(database, threadId, cost);
    cli.note(`Call ${cost.id} is settled at ${renderUsd(cost.costUsd)}.`);
  }
}

interface Cost {
  readonly id: string;
  readonly costUsd: number;
}

function parseCosts(given: string, unknown: readonly UnknownCost[]): Cost[] {
  const ids = new Set(unknown.map(({ id }) => id));
  return given.split(",").map((pair) => {
    const [id = "", amount = "", ...more] = pair.split("=").map((part) => part.trim());
    const costUsd = parseAmount(amount);
    if (costUsd === undefined || more.length > 0) {
      throw new UsageError(
        `--settle needs the id of a call and its cost in USD, like 12=0.004, not "${pair}".`,
      );
    }
    if (ids.has(id)) return { id, costUsd };
    throw new UsageError(
      `The thread has no call ${id} whose cost is unknown. It has ${[...ids].join(", ") || "none"}.`,
    );
  });
}

function parseAmount(text: string): number | undefined {
  const amount = text.replace(/^\$/, "");
  const costUsd = amount === "" ? Number.NaN : Number(amount);
  return Number.isFinite(costUsd) && costUsd >= 0 ? costUsd : undefined;
}

async function askForCosts(cli: Cli, threadId: string, unknown: readonly UnknownCost[]): Promise<Cost[]> {
  if (unknown.length === 0) cli.note("The cost of every call of this thread is known.");
  const costs: Cost[] = [];
  for (const call of unknown) {
    const { id, agent, taskId, model, costUsd, startedAt } = call;
    cli.note(
      `Call ${id}: ${agent}, task ${taskId}, ${model}, ${startedAt}: counted at ${renderUsd(costUsd)}.`,
    );
    if (!cli.canAsk) continue;
    const answer = await askLine(cli, "What did it cost, in USD? (Enter leaves it as it is) ");
    if (answer === undefined) break;
    const amount = parseAmount(answer);
    if (amount !== undefined) costs.push({ id, costUsd: amount });
    else if (answer !== "") cli.note(`"${answer}" is no amount: call ${id} stays as it is.`);
  }
  if (!cli.canAsk && unknown.length > 0) {
    cli.note(`Settle them: ${commandLine(`cost ${threadId} --settle CALL=USD …`)}`);
  }
  return costs;
}
