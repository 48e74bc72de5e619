import { answerDue, listRequests, openRequests } from "../../postgres/requests.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import type { Command } from "../cli.ts";
import { renderInbox } from "../view/render-inbox.ts";
import { pageFor } from "../view/render-options.ts";

/** Requests that are listed at most when all are asked for. */
const SHOWN = 100;

export const inboxCommand: Command = {
  name: "inbox",
  usage: "[thread]",
  summary: "what waits for a human",
  options: {
    all: { help: `also what was answered, by whom and when; the last ${SHOWN} requests` },
    json: { help: "print one JSON document" },
  },
  positionals: [0, 1],
  run: async (cli, { positionals: [id], options }) => {
    const database = await cli.database();
    const thread = id === undefined ? undefined : await getThread(database, id);
    await answerDue(database);
    const requests = options["all"]
      ? await listRequests(database, thread?.id, SHOWN)
      : await openRequests(database, thread?.id);
    cli.print(
      options["json"]
        ? JSON.stringify({ [options["all"] ? "requests" : "waiting"]: requests }, null, 2)
        : renderInbox(requests, pageFor(cli.out, cli.color)),
    );
    return 0;
  },
};
