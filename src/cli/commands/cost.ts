import { UsageError } from "../../domain/errors.ts";
import { callTotals, costLines } from "../../postgres/claude-calls/totals.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { cacheReport } from "../../runs/cache-report.ts";
import { readPrices } from "../../runs/read-prices.ts";
import { JSON_OPTION } from "../arguments.ts";
import { checkCosts } from "../check-costs.ts";
import type { CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";
import { settleCosts } from "../settle-costs.ts";
import { renderCost } from "../view/render-cost.ts";
import { pageFor } from "../view/render-options.ts";

/** The most calls that one command settles. */
const MOST_SETTLED = 100;

export const command: CommandFile = {
  options: {
    check: { help: "compare calls, tasks and threads with each other; exit code 1 when they contradict" },
    settle: {
      value: "[CALL=USD,…]",
      optional: true,
      help: "settle calls whose costs are unknown; alone it shows them, and asks on a terminal",
    },
    json: JSON_OPTION,
  },
  positionals: [0, 1 + MOST_SETTLED],
  run: async (cli, args) => {
    const {
      positionals: [id, ...costs],
      options,
    } = args;
    if (await saysNothingHasRun(cli, args, { thread: null, costUsd: 0, budgetUsd: null, lines: [] }))
      return 0;
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
    if (options["check"]) return checkCosts(cli, thread?.id, options["json"] === true);
    const { settle } = options;
    if (settle !== undefined) {
      if (!thread) throw new UsageError("--settle needs a thread: cost <thread> --settle.");
      const given = [...(settle === true ? [] : [settle]), ...costs].join(",");
      await settleCosts(cli, database, thread.id, given || true);
    } else if (costs.length > 0) {
      throw new UsageError(`"cost" takes one thread; ${costs.join(" ")} needs --settle.`);
    }
    const lines = await costLines(database, thread?.id);
    const totals = await callTotals(database, thread?.id);
    const cache = cacheReport(lines, await readPrices(cli.config));
    const budgetUsd = thread?.budgetUsd ?? null;
    cli.print(
      options["json"]
        ? JSON.stringify({ thread: thread?.id ?? null, ...totals, budgetUsd, cache, lines }, null, 2)
        : renderCost({ lines, totals, budgetUsd, cache }, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
