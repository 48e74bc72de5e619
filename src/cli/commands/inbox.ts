import { openRequests } from "../../postgres/requests.ts";
import { getThread } from "../../postgres/threads.ts";
import type { Command } from "../cli.ts";
import { renderInbox } from "../view/render-inbox.ts";
import { pageFor } from "../view/render-options.ts";

export const inboxCommand: Command = {
  name: "inbox",
  usage: "[thread]",
  summary: "what waits for a human",
  options: { json: { help: "print one JSON document" } },
  positionals: [0, 1],
  run: async (cli, { positionals: [id], options }) => {
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
    const requests = await openRequests(database, thread?.id);
    cli.print(
      options["json"]
        ? JSON.stringify({ waiting: requests }, null, 2)
        : renderInbox(requests, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
