import type { ProgressEvent } from "../../domain/event.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { reportThread } from "../../runs/report.ts";
import { watchThread } from "../../runs/watch.ts";
import { JSON_OPTION } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { endThreadRun } from "../end-thread-run.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { progressOn } from "../progress-on.ts";
import { pageFor } from "../view/render-options.ts";
import { renderSummary } from "../view/render-summary.ts";

export const command: CommandFile = {
  options: { json: JSON_OPTION },
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""], options }) => {
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const database = await cli.database();
    const thread = await getThread(database, id);
    const view = progressOn(cli, thread.budgetUsd);
    const onWait = async (isWaiting: boolean) => {
      if (!isWaiting) return view.resume();
      view.pause();
      cli.note(renderSummary(await reportThread(database, thread.id), pageFor(cli.err, cli.color)));
    };
    try {
      const onEvent = (event: ProgressEvent) => view.onEvent(event);
      // On a terminal, watching continues during a wait. A script gets an end with exit code 3.
      await watchThread(database, {
        threadId: thread.id,
        signal: cli.signal,
        onEvent,
        onWait: cli.err.isTTY ? onWait : undefined,
      });
    } finally {
      view.stop();
    }
    if (!cli.signal.aborted) return endThreadRun(cli, thread.id, options["json"] === true);
    cli.note("Stopped watching. The thread continues.");
    return 130;
  },
};
