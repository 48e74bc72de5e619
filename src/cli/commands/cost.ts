import { callTotals, costLines } from "../../postgres/claude-calls/totals.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { cacheReport } from "../../runs/cache-report.ts";
import { readPrices } from "../../runs/open-engine.ts";
import type { Command } from "../cli.ts";
import { renderCost } from "../view/render-cost.ts";
import { pageFor } from "../view/render-options.ts";

export const costCommand: Command = {
  name: "cost",
  usage: "[thread]",
  summary: "what was paid, by phase, agent and model",
  options: { json: { help: "print one JSON document" } },
  positionals: [0, 1],
  run: async (cli, { positionals: [id], options }) => {
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
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
