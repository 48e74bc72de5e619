import { UsageError } from "../../domain/errors.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { forkThread } from "../../runs/fork.ts";
import { JSON_OPTION, textOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { followThread } from "../follow-thread.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";

export const command: CommandFile = {
  options: {
    at: { value: "CHECKPOINT", help: "start from this checkpoint: its id in history, or the start of it" },
    fresh: { help: "pay for all calls again, also for unchanged ones" },
    json: JSON_OPTION,
  },
  positionals: [1, 1],
  run: async (cli, args) => {
    const checkpoint = textOption(args, "at");
    if (checkpoint === undefined) {
      throw new UsageError("The checkpoint is missing. Add --at CHECKPOINT with an id from history.");
    }
    const [id = ""] = args.positionals;
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const engine = await cli.engine();
    const thread = await getThread(engine.database, id);
    const fork = { threadId: thread.id, checkpoint, fresh: args.options["fresh"] === true };
    await forkThread(engine, await cli.graph(thread.graph), fork);
    if (thread.simulated) cli.note("SIMULATED: this thread uses the bundled simulator.");
    cli.note(`Thread ${thread.id}`);
    const json = args.options["json"] === true;
    return followThread(cli, { graphName: thread.graph, threadId: thread.id, input: null, json });
  },
};
