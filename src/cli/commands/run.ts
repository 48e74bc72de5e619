import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UsageError } from "../../domain/errors.ts";
import { plainJson } from "../../domain/json.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import { DRIVERS } from "../../drivers/drivers.ts";
import { findThread } from "../../postgres/threads/threads.ts";
import { checkStart, type Start } from "../../runs/preflight.ts";
import { readPrices } from "../../runs/read-prices.ts";
import { unapprovedServers } from "../../runs/unapproved-servers.ts";
import { approveServers } from "../approve-servers.ts";
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
  await approveRun(cli, args, { input, plan, options });
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

/** Asks about MCP servers that nobody has approved. A run with an agent that needs another one is refused later. */
async function approveRun(cli: Cli, args: Arguments, start: Start): Promise<void> {
  const { config, folders } = cli;
  const parts = { config, folders, prices: await readPrices(config), drivers: DRIVERS };
  await approveServers(cli, await unapprovedServers(parts, start), args.options["trust-servers"] === true);
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
