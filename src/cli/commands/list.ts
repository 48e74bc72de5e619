import { pageOfThreads } from "../../postgres/threads/list.ts";
import { numberOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";
import { pageFor } from "../view/render-options.ts";
import { renderThreads } from "../view/render-threads.ts";

export const command: CommandFile = {
  options: {
    limit: { value: "N", help: "list at most N; default: 20" },
    json: { help: "print one JSON document" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const limit = numberOption(args, "limit", { min: 1, max: 10_000, whole: true }) ?? 20;
    if (await saysNothingHasRun(cli, args, { threads: [] })) return 0;
    const threads = await pageOfThreads(await cli.database(), {}, limit);
    cli.print(
      args.options["json"]
        ? JSON.stringify({ threads }, null, 2)
        : renderThreads(threads, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
