import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UsageError } from "../../domain/errors.ts";
import { plainJson } from "../../domain/json.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import { findThread } from "../../postgres/threads/threads.ts";
import { checkStart } from "../../runs/preflight.ts";
import { textOption } from "../arguments.ts";
import { changeBudget } from "../change-budget.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { followThread } from "../follow-thread.ts";
import { noteWrong } from "../note-wrong.ts";
import { inputFrom, RUN_OPTIONS, readJsonFile, threadOptionsFrom } from "../run-options.ts";
import { resumeThread } from "./resume.ts";

export const command: CommandFile = {
  options: RUN_OPTIONS,
  positionals: [1, Number.POSITIVE_INFINITY],
  run: runWorkflow,
};

async function runWorkflow(cli: Cli, args: Arguments): Promise<ExitCode> {
  const graphName = args.positionals[0] ?? "";
  noteWrong(cli, await cli.graphs());
  await cli.graph(graphName); // A graph that cannot be loaded is said before anything is opened.
  const options = threadOptionsFrom(args);
  const given = threadIdFrom(args);
  const input = await inputFrom(args, process.stdin);
  const planFile = textOption(args, "plan");
  if (given && options.budgetUsd !== undefined) await changeBudget(cli, given, options.budgetUsd);
  if (given && input === "" && planFile === undefined) return resumeThread(cli, args, given);
  const plan = planFile === undefined ? undefined : await readJsonFile(planFile);
  const tasks = await checkStart(cli.config, cli.folders, { input, plan, options });
  const threadId = given ?? randomUUID();
  await announce(cli, threadId, options);
  return followThread(cli, {
    graphName,
    threadId,
    input: { input, ...(tasks && { currentTasks: plainJson(tasks) }) },
    options,
    json: args.options["json"] === true,
  });
}

function threadIdFrom(args: Arguments): string | undefined {
  const id = textOption(args, "thread");
  if (id === undefined || z.uuid().safeParse(id).success) return id?.toLowerCase();
  throw new UsageError(`--thread must be a UUID, not "${id}".`);
}

/** Names the thread, and warns when the simulator answers. */
async function announce(cli: Cli, threadId: string, options: ThreadOptions): Promise<void> {
  const known = await findThread((await cli.engine()).database, threadId);
  if (known?.simulated ?? (options.executor === "simulated" || !cli.config.apiKey)) {
    const why = cli.config.apiKey ? "this thread uses the simulator" : "no ANTHROPIC_API_KEY is set";
    cli.note(`SIMULATED: ${why}. The bundled simulator answers with words from your prompt, free.`);
  }
  cli.note(`Thread ${threadId}`);
}
