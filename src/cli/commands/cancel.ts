import { getThread } from "../../postgres/threads/threads.ts";
import { cancelThread } from "../../runs/cancel.ts";
import type { CommandFile } from "../cli.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";

export const command: CommandFile = {
  options: {},
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""] }) => {
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const engine = await cli.engine();
    const thread = await getThread(engine.database, id);
    const isDone = await cancelThread(engine, thread.id);
    cli.note(
      isDone
        ? `Thread ${thread.id} is cancelled.`
        : `The process that runs thread ${thread.id} is cancelling it.`,
    );
    return 0;
  },
};
