import { resolve } from "node:path";
import { commandLine } from "../../app.ts";
import { UsageError } from "../../domain/errors.ts";
import { clip } from "../../format/text.ts";
import { ensureServer, serverStatus, stopServer } from "../../postgres/server/ensure-server.ts";
import { runningThreads } from "../../postgres/threads/list.ts";
import { JSON_OPTION } from "../arguments.ts";
import { askLine } from "../ask-line.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { oneLine } from "../view/display-width.ts";

export const command: CommandFile = {
  options: {
    json: JSON_OPTION,
    yes: { help: "stop although threads are being run" },
  },
  positionals: [1, 1],
  run: (cli, args) => {
    const verb = args.positionals[0] ?? "";
    const action = Object.hasOwn(ACTIONS, verb) ? ACTIONS[verb] : undefined;
    if (action) return action(cli, args);
    throw new UsageError(
      `Use "db start", "db stop", "db status", "db url" or "db migrate", not "db ${verb}".`,
    );
  },
};

const ACTIONS: Readonly<Record<string, (cli: Cli, args: Arguments) => Promise<ExitCode>>> = {
  start: async (cli) => {
    if (isElsewhere(cli)) return 0;
    await ensureServer({ directory: homeOf(cli), onProgress: cli.note });
    cli.note("Postgres is running.");
    return 0;
  },
  stop: async (cli, args) => {
    if (isElsewhere(cli)) return 0;
    if (args.options["yes"] !== true && !(await mayStop(cli))) {
      cli.note("Postgres goes on running.");
      return 1;
    }
    cli.note((await stopServer(homeOf(cli))) ? "Postgres is stopped." : "Postgres was not running.");
    return 0;
  },
  status: async (cli, args) => {
    if (isElsewhere(cli)) return 0;
    const status = await serverStatus(homeOf(cli));
    cli.print(args.options["json"] ? JSON.stringify(status, null, 2) : renderStatus(status));
    return 0;
  },
  url: async (cli) => {
    await refuseWhereNothingHasRun(cli, `database. Start it: ${commandLine("db start")}`);
    const url =
      cli.config.databaseUrl ?? (await ensureServer({ directory: homeOf(cli), onProgress: cli.note })).url;
    cli.print(url);
    return 0;
  },
  migrate: async (cli) => {
    const { schema } = await cli.database();
    cli.note(`Schema "${schema}" is up to date.`);
    return 0;
  },
};

/** Asks the person when threads are being run: until the server is started again, they wait. */
async function mayStop(cli: Cli): Promise<boolean> {
  if ((await serverStatus(homeOf(cli))).state !== "running") return true;
  const running = await runningThreads(await cli.database());
  if (running.length === 0) return true;
  const threads = running
    .map(({ id, input }) => `${id} (${clip(oneLine(input), TITLE_CHARACTERS)})`)
    .join(", ");
  const says = `These runs lose Postgres: ${threads}. They hold what is finished until "db start", and lose it when they are stopped before.`;
  if (!cli.canAsk) throw new UsageError(`${says} Stop them first, or say "db stop --yes".`);
  cli.note(says);
  return /^y(es)?$/i.test((await askLine(cli, "Stop Postgres? [y/N] ")) ?? "");
}

const TITLE_CHARACTERS = 60;

function homeOf({ folders, config }: Cli): string {
  return resolve(folders.project, config.home);
}

/** Whether DATABASE_URL names a server, which Decurion neither starts nor stops. */
function isElsewhere(cli: Cli): boolean {
  if (cli.config.databaseUrl === undefined) return false;
  cli.note("DATABASE_URL is set. Decurion uses that server, and not this folder's own.");
  return true;
}

function renderStatus(status: object): string {
  return Object.entries(status)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join("\n");
}
