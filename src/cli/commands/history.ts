import { getThread } from "../../postgres/threads/threads.ts";
import { historyOf } from "../../runs/history.ts";
import { numberOption } from "../arguments.ts";
import type { Command } from "../cli.ts";
import { renderHistory } from "../view/render-history.ts";
import { pageFor } from "../view/render-options.ts";

export const historyCommand: Command = {
  name: "history",
  usage: "<thread>",
  summary: "the checkpoints of a thread, newest first, which fork can go on from",
  options: {
    limit: { value: "N", help: "how many at most; default 50" },
    json: { help: "print one JSON document" },
  },
  positionals: [1, 1],
  run: async (cli, args) => {
    const limit = numberOption(args, "limit", { min: 1, max: 10_000, whole: true }) ?? 50;
    const { database } = await cli.engine();
    const thread = await getThread(database, args.positionals[0] ?? "");
    const checkpoints = await historyOf(await cli.graph(thread.graph), thread.id, limit);
    cli.print(
      args.options["json"]
        ? JSON.stringify({ thread: thread.id, checkpoints }, null, 2)
        : renderHistory(checkpoints, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
