import { getThread } from "../../postgres/threads/threads.ts";
import { cancelThread } from "../../runs/cancel.ts";
import type { Command } from "../cli.ts";

export const cancelCommand: Command = {
  name: "cancel",
  usage: "<thread>",
  summary: "end a thread for good, whoever runs it; what it asks is withdrawn",
  options: {},
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""] }) => {
    const engine = await cli.engine();
    const thread = await getThread(engine.database, id);
    const isDone = await cancelThread(engine, thread.id);
    cli.note(
      isDone
        ? `Thread ${thread.id} is cancelled.`
        : `The process that runs thread ${thread.id} has been told to end it.`,
    );
    return 0;
  },
};
