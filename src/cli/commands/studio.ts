import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { numberOption } from "../arguments.ts";
import type { Command, ExitCode } from "../cli.ts";
import { environmentWith } from "../environment.ts";

const HOST = "127.0.0.1";
const DEFAULT_PORT = 2024;
/** How long the server has to end by itself. */
const GRACE_MS = 5000;

export const studioCommand: Command = {
  name: "studio",
  usage: "",
  summary: "the LangGraph server for LangGraph Studio and SDK clients, on the same Postgres",
  options: {
    port: { value: "P", help: `port on ${HOST}; default ${DEFAULT_PORT}` },
    reload: { help: "start anew whenever a source file changes" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const port = numberOption(args, "port", { min: 1, max: 65_535, whole: true }) ?? DEFAULT_PORT;
    await checkPort(port);
    await cli.database(); // A database that cannot be used is said here, not at somebody's first run.
    if (!cli.config.apiKey) cli.note("SIMULATED: no ANTHROPIC_API_KEY is set: agents get simulated answers.");
    cli.note("Threads and checkpoints are kept in Postgres, whatever the server below says of its memory.");
    return serve(startServer(cli.folders.package, port, args.options["reload"] === true), cli.signal);
  },
};

async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, HOST);
    await once(probe, "listening");
  } catch {
    throw new UsageError(`Port ${port} cannot be used: choose another one with --port.`);
  } finally {
    probe.close();
  }
}

/** The server starts children of its own: they are one process group, so that none outlives it. */
function startServer(folder: string, port: number, reload: boolean): ChildProcess {
  const cliFolder = dirname(createRequire(import.meta.url).resolve("@langchain/langgraph-cli/package.json"));
  const program = join(cliFolder, "dist", "cli", "cli.mjs");
  const options = [
    "--host",
    HOST,
    "--port",
    String(port),
    "--no-browser",
    ...(reload ? [] : ["--no-reload"]),
  ];
  return spawn(process.execPath, [program, "dev", ...options], {
    cwd: folder,
    env: environmentWith({ LANGGRAPH_CLI_NO_ANALYTICS: "1" }),
    stdio: "inherit",
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
