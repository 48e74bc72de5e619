import { UsageError } from "../../domain/errors.ts";
import { THREAD_STATUSES, type ThreadStatus } from "../../domain/task.ts";
import { pageOfThreads } from "../../postgres/threads/list.ts";
import { JSON_OPTION, numberOption, textOption } from "../arguments.ts";
import type { Arguments, CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";
import { pageFor } from "../view/render-options.ts";
import { renderThreads } from "../view/render-threads.ts";
import { withResume } from "../view/resume-hint.ts";

export const command: CommandFile = {
  options: {
    status: { value: "STATUS", help: `list only these: ${THREAD_STATUSES.join(", ")}` },
    limit: { value: "N", help: "list at most N; default: 20" },
    json: JSON_OPTION,
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const limit = numberOption(args, "limit", { min: 1, max: 10_000, whole: true }) ?? 20;
    const status = statusFrom(args);
    if (await saysNothingHasRun(cli, args, { threads: [] })) return 0;
    const threads = await pageOfThreads(await cli.database(), { status }, limit);
    cli.print(
      args.options["json"]
        ? JSON.stringify({ threads: threads.map((thread) => withResume(thread, thread.id)) }, null, 2)
        : renderThreads(threads, pageFor(cli.out, cli.color), status),
    );
    return 0;
  },
};

function statusFrom(args: Arguments): ThreadStatus | undefined {
  const word = textOption(args, "status");
  const status = THREAD_STATUSES.find((known) => known === word);
  if (word === undefined || status) return status;
  throw new UsageError(`--status must be one of ${THREAD_STATUSES.join(", ")}, not "${word}".`);
}
