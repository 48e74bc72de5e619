import { UsageError } from "../../domain/errors.ts";
import { isTerminal } from "../../domain/task.ts";
import { getThread } from "../../postgres/threads/threads.ts";
import { nextInput } from "../../runs/drive.ts";
import { JSON_OPTION, numberOption } from "../arguments.ts";
import { changeBudget } from "../change-budget.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { endThreadRun } from "../end-thread-run.ts";
import { followThread } from "../follow-thread.ts";
import { refuseWhereNothingHasRun, saysNothingHasRun } from "../nothing-has-run.ts";
import { resumeAll } from "../resume-all.ts";

export const command: CommandFile = {
  options: {
    all: { help: "resume every stopped thread, one after another" },
    budget: { value: "USD", help: "set the budget of the thread, but not below what is spent" },
    json: JSON_OPTION,
  },
  positionals: [0, 1],
  run: async (cli, args) => {
    const [id] = args.positionals;
    const isAll = args.options["all"] === true;
    if ((id === undefined) !== isAll) {
      throw new UsageError(
        `"resume" needs one thread, or --all. "list --status stopped" shows the stopped ones.`,
      );
    }
    const budgetUsd = numberOption(args, "budget", { min: 0.000001 });
    if (isAll && budgetUsd !== undefined)
      throw new UsageError("--budget goes with one thread, not with --all.");
    if (id !== undefined && budgetUsd !== undefined) await changeBudget(cli, id, budgetUsd);
    if (id !== undefined) return resumeThread(cli, args, id);
    if (await saysNothingHasRun(cli, args, { threads: [] })) return 0;
    return resumeAll(cli, args, resumeThread);
  },
};

/** Continues a thread. For an ended one, prints its result again. */
export async function resumeThread(cli: Cli, args: Arguments, id: string): Promise<ExitCode> {
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
