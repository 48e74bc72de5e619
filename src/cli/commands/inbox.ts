import { answerDue, listRequests, openRequests } from "../../postgres/requests.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { JSON_OPTION } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";
import { renderInbox } from "../view/render-inbox.ts";
import { pageFor } from "../view/render-options.ts";

/** The most requests with --all. */
const SHOWN = 100;

export const command: CommandFile = {
  options: {
    all: { help: `also list answered requests, with who and when; at most ${SHOWN}` },
    json: JSON_OPTION,
  },
  positionals: [0, 1],
  run: async (cli, args) => {
    const {
      positionals: [id],
      options,
    } = args;
    const list = options["all"] ? "requests" : "waiting";
    if (await saysNothingHasRun(cli, args, { [list]: [] })) return 0;
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
    await answerDue(database);
    const requests = options["all"]
      ? await listRequests(database, thread?.id, SHOWN)
      : await openRequests(database, thread?.id);
    cli.print(
      options["json"]
        ? JSON.stringify({ [list]: requests }, null, 2)
        : renderInbox(requests, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
