import { watchThread } from "../../engine/watch.ts";
import { getThread } from "../../postgres/threads.ts";
import type { Command } from "../cli.ts";
import { endThreadRun } from "../follow-thread.ts";
import { createProgressView } from "../view/progress-view.ts";

export const watchCommand: Command = {
  name: "watch",
  usage: "<thread>",
  summary: "follow a thread that another process runs",
  options: { json: { help: "print one JSON document at the end" } },
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""], options }) => {
    const database = await cli.database();
    const thread = await getThread(database, id);
    const view = createProgressView({
      stream: cli.err,
      isTerminal: cli.err.isTTY === true,
      color: cli.color,
      budgetUsd: thread.budgetUsd,
    });
    try {
      await watchThread(database, thread.id, cli.signal, (event) => view.onEvent(event));
    } finally {
      view.stop();
    }
    if (!cli.signal.aborted) return endThreadRun(cli, thread.id, options["json"] === true);
    cli.note("No longer watching; the thread goes on.");
    return 130;
  },
};
