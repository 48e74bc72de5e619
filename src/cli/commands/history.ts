import { getThread } from "../../postgres/threads/threads.ts";
import { historyOf } from "../../runs/history.ts";
import { JSON_OPTION, numberOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { renderHistory } from "../view/render-history.ts";
import { pageFor } from "../view/render-options.ts";

export const command: CommandFile = {
  options: {
    limit: { value: "N", help: "list at most N; default: 50" },
    json: JSON_OPTION,
  },
  positionals: [1, 1],
  run: async (cli, args) => {
    const limit = numberOption(args, "limit", { min: 1, max: 10_000, whole: true }) ?? 50;
    const [id = ""] = args.positionals;
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const { database } = await cli.engine();
    const thread = await getThread(database, id);
    const checkpoints = await historyOf(await cli.graph(thread.graph), thread.id, limit);
    cli.print(
      args.options["json"]
        ? JSON.stringify({ thread: thread.id, checkpoints }, null, 2)
        : renderHistory(checkpoints, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
