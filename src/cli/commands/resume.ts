import { UsageError } from "../../domain/errors.ts";
import { isTerminal } from "../../domain/task.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { nextInput } from "../../runs/drive.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { endThreadRun } from "../end-thread-run.ts";
import { followThread } from "../follow-thread.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { refuseInsideAgent } from "../refuse-inside-agent.ts";

export const command: CommandFile = {
  options: { json: { help: "print one JSON document" } },
  positionals: [1, 1],
  run: (cli, args) => resumeThread(cli, args, args.positionals[0] ?? ""),
};

/** Continues a thread. For an ended one, prints its result again. */
export async function resumeThread(cli: Cli, args: Arguments, id: string): Promise<ExitCode> {
  refuseInsideAgent(cli);
  const json = args.options["json"] === true;
  await refuseWhereNothingHasRun(cli, `thread ${id}`);
  const engine = await cli.engine();
  const thread = await getThread(engine.database, id);
  if (isTerminal(thread.status)) return endThreadRun(cli, thread.id, json);
  const graph = await cli.graph(thread.graph);
  const step = await nextInput(graph, engine.database, thread.id);
  if ("waitingFor" in step && !cli.canAsk) return endThreadRun(cli, thread.id, json);
  if (thread.simulated) cli.note("SIMULATED: this thread uses the bundled simulator.");
  cli.note(`Thread ${thread.id}`);
  if ("waitingFor" in step && step.waitingFor.length === 0) {
    throw new UsageError(`Thread ${thread.id} waits, but has no open request.`);
  }
  return followThread(cli, {
    graphName: thread.graph,
    threadId: thread.id,
    ...("input" in step && { input: step.input }),
    json,
  });
}
