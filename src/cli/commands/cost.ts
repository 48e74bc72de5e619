import { callTotals, costLines } from "../../postgres/claude-calls/totals.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { cacheReport } from "../../runs/cache-report.ts";
import { readPrices } from "../../runs/read-prices.ts";
import { checkCosts } from "../check-costs.ts";
import type { CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";
import { renderCost } from "../view/render-cost.ts";
import { pageFor } from "../view/render-options.ts";

export const command: CommandFile = {
  options: {
    check: { help: "compare calls, tasks and threads with each other; exit code 1 when they contradict" },
    json: { help: "print one JSON document" },
  },
  positionals: [0, 1],
  run: async (cli, args) => {
    const {
      positionals: [id],
      options,
    } = args;
    if (await saysNothingHasRun(cli, args, { thread: null, costUsd: 0, budgetUsd: null, lines: [] }))
      return 0;
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
    if (options["check"]) return checkCosts(cli, thread?.id, options["json"] === true);
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
