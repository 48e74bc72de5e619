import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { environmentWith } from "../../app.ts";
import { UsageError } from "../../domain/errors.ts";
import { LOGIN_PATH } from "../../server/guard.ts";
import { readToken, TOKEN_FILE } from "../../server/token.ts";
import { numberOption } from "../arguments.ts";
import type { CommandFile, ExitCode } from "../cli.ts";
import { passOnWithout } from "../view/redact.ts";

const DEFAULT_PORT = 2024;
/** How long the server has to end by itself. */
const GRACE_MS = 5000;

export const command: CommandFile = {
  options: {
    port: { value: "P", help: `default ${DEFAULT_PORT}` },
    reload: { help: "start anew whenever a source file changes" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const port = numberOption(args, "port", { min: 1, max: 65_535, whole: true }) ?? DEFAULT_PORT;
    const { serverHost: host } = cli.config;
    const home = resolve(cli.folders.project, cli.config.home);
    await checkPort(host, port);
    const token = await readToken(home);
    await cli.database(); // A database that cannot be used is said here, not at somebody's first run.
    if (!cli.config.apiKey) cli.note("SIMULATED: no ANTHROPIC_API_KEY is set: agents get simulated answers.");
    cli.note("Threads and checkpoints are kept in Postgres, whatever the server below says of its memory.");
    if (cli.config.studioWithoutToken)
      cli.note("STUDIO_WITHOUT_TOKEN: smith.langchain.com may use this server.");
    cli.note(`The control room: ${loginLink(host, port, token)}`);
    cli.note(`Clients send the token as the header x-api-key; it is kept in ${join(home, TOKEN_FILE)}.`);
    cli.note(cli.config.studioWithoutToken ? STUDIO_TRUSTED : STUDIO_NEEDS_TOKEN);
    const options = {
      host,
      port,
      home,
      folder: cli.folders.package,
      reload: args.options["reload"] === true,
    };
    const server = startServer(options);
    // The LangGraph server logs the address of every request, that of the login too.
    if (server.stdout) passOnWithout(token, server.stdout, cli.out);
    if (server.stderr) passOnWithout(token, server.stderr, cli.err);
    return serve(server, cli.signal);
  },
};

const STUDIO_TRUSTED = "LangGraph Studio (smith.langchain.com) may use this server without the token.";
const STUDIO_NEEDS_TOKEN =
  "LangGraph Studio must send that header, too; STUDIO_WITHOUT_TOKEN=true lets it in without, from your browser.";

/** Listening everywhere is no name to be reached by. */
function loginLink(host: string, port: number, token: string): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const shown = name.includes(":") ? `[${name}]` : name;
  return `http://${shown}:${port}${LOGIN_PATH}?token=${token}`;
}

async function checkPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, "listening");
  } catch {
    throw new UsageError(`Port ${port} of ${host} cannot be used: choose another one with --port.`);
  } finally {
    probe.close();
  }
}

interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Where the token is: the server runs in the package's folder, this process perhaps elsewhere. */
  readonly home: string;
  readonly folder: string;
  readonly reload: boolean;
}

/** The server starts children of its own: they are one process group, so that none outlives it. */
function startServer({ host, port, home, folder, reload }: ServerOptions): ChildProcess {
  const cliFolder = dirname(createRequire(import.meta.url).resolve("@langchain/langgraph-cli/package.json"));
  const program = join(cliFolder, "dist", "cli", "cli.mjs");
  const options = [
    "--host",
    host,
    "--port",
    String(port),
    "--no-browser",
    ...(reload ? [] : ["--no-reload"]),
  ];
  return spawn(process.execPath, [program, "dev", ...options], {
    cwd: folder,
    env: environmentWith({ LANGGRAPH_CLI_NO_ANALYTICS: "1", DECURION_HOME: home }),
    stdio: ["inherit", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
}

/** Until the server ends, or a signal ends it with all its children. */
async function serve(server: ChildProcess, signal: AbortSignal): Promise<ExitCode> {
  const exited = once(server, "exit");
  const stop = () => {
    endGroup(server, "SIGTERM");
    setTimeout(() => endGroup(server, "SIGKILL"), GRACE_MS).unref();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const [code] = await exited;
  endGroup(server, "SIGKILL");
  return signal.aborted ? 130 : code === 0 ? 0 : 1;
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // All of them have ended.
  }
}
