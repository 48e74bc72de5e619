import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { utimes } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentWith } from "../../app.ts";
import { UsageError } from "../../domain/errors.ts";
import { hiding, secretsOf } from "../../domain/secrets.ts";
import { listGraphs } from "../../runs/graph-list.ts";
import { openFrontDoor } from "../../server/front-door.ts";
import { LOGIN_PATH } from "../../server/guard.ts";
import { STUDIO_ORIGINS, studioLink, TOKEN_PATH } from "../../server/origins.ts";
import { writeStudioConfig } from "../../server/studio-config.ts";
import { forgetSessionKey, readSessionKey, readToken, TOKEN_FILE } from "../../server/token.ts";
import { numberOption } from "../arguments.ts";
import type { Cli, CommandFile, ExitCode } from "../cli.ts";
import { noteWrong } from "../note-wrong.ts";
import { findOptionalPackage } from "../optional-package.ts";
import { passOn } from "../view/redact.ts";

const DEFAULT_PORT = 2024;
const ENTRY = fileURLToPath(new URL(`../../server/entry${extname(import.meta.url)}`, import.meta.url));
/** The time for the calls under way, and then for the server to stop after SIGTERM. */
const DRAIN_MS = 60_000;
const GRACE_MS = 5000;

export const command: CommandFile = {
  options: {
    port: { value: "P", help: `listen on this port; default: ${DEFAULT_PORT}` },
    reload: { help: "restart when a source file changes" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const port = numberOption(args, "port", { min: 1, max: 65_535, whole: true }) ?? DEFAULT_PORT;
    const { serverHost: host } = cli.config;
    const program = await findOptionalPackage(cli, "@langchain/langgraph-cli", '"studio"');
    const behind = { host: "127.0.0.1", port: await freePort() };
    const origins = [...STUDIO_ORIGINS, ...cli.config.allowedOrigins];
    const door = await openFrontDoor({ host, port, behind, origins }).catch((error: unknown) => {
      const message = `Port ${port} of ${host} cannot be used. Choose another with --port.`;
      throw new UsageError(message, { cause: error });
    });
    try {
      return await run(
        cli,
        { address: addressOf(host, port), behind, program },
        args.options["reload"] === true,
      );
    } finally {
      door.close();
    }
  },
};

/** The server's places. */
interface Places {
  /** The server for clients, without a slash at the end. */
  readonly address: string;
  /** The LangGraph server behind the front door. */
  readonly behind: { readonly host: string; readonly port: number };
  /** The folder of the server's package. */
  readonly program: string;
}

async function run(cli: Cli, { address, behind, program }: Places, reload: boolean): Promise<ExitCode> {
  const home = resolve(cli.folders.project, cli.config.home);
  await forgetSessionKey(home);
  await readSessionKey(home); // The processes of the server find it.
  const token = await readToken(home);
  await cli.database(); // Reports an unusable database now, not at the first run.
  if (!cli.config.apiKey) cli.note("SIMULATED: no ANTHROPIC_API_KEY is set. The bundled simulator answers.");
  cli.note("Threads and checkpoints are in Postgres, although the server below speaks of its memory.");
  cli.note(`The control room:\n  ${address}${LOGIN_PATH}?token=${token}`);
  cli.note(`LangGraph Studio:\n  ${studioLink(address, token)}`);
  cli.note(`Clients send the token in the header x-api-key. It is in ${join(home, TOKEN_FILE)}.`);
  cli.note(
    `Clients without headers use the base URL ${address}${TOKEN_PATH}TOKEN. ALLOWED_ORIGINS lets in pages.`,
  );
  noteWrong(cli, await cli.graphs());
  const config = await writeStudioConfig({ folders: cli.folders, home, entry: ENTRY });
  if (reload) await restartOnChange(cli, config);
  const server = startServer({ program, config, ...behind, home, folder: cli.folders.project, reload });
  // It logs the address of every request, also that of the login, and prints links to its own port.
  const hide = hiding([token, ...secretsOf(cli.config)]);
  const shown = (line: string) =>
    line.includes("Studio UI:")
      ? undefined
      : hide(line).replaceAll(`${behind.host}:${behind.port}`, new URL(address).host);
  if (server.stdout) passOn(server.stdout, cli.out, shown);
  if (server.stderr) passOn(server.stderr, cli.err, shown);
  return serve(cli, server, () => drain(address, token, cli.abort));
}

/** The address for clients. A server on all addresses has the loopback name. */
function addressOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const shown = name.includes(":") ? `[${name}]` : name;
  return `http://${shown}:${port}`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : 0;
}

interface ServerOptions {
  /** The folder of the server's package. */
  readonly program: string;
  readonly config: string;
  readonly host: string;
  readonly port: number;
  /** The folder of the token: absolute, because the server runs in another folder. */
  readonly home: string;
  readonly folder: string;
  readonly reload: boolean;
}

/** Starts the server and its children as one process group, so that none outlives it. */
function startServer({ program, config, host, port, home, folder, reload }: ServerOptions): ChildProcess {
  const file = join(program, "dist", "cli", "cli.mjs");
  const address = ["--host", host, "--port", String(port)];
  const options = ["--config", config, ...address, "--no-browser", ...(reload ? [] : ["--no-reload"])];
  return spawn(process.execPath, [file, "dev", ...options], {
    cwd: folder,
    env: environmentWith({ LANGGRAPH_CLI_NO_ANALYTICS: "1", DECURION_HOME: home }),
    stdio: ["inherit", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
}

/** The server restarts when its configuration changes. It does not watch the source files of graphs, so this does. */
async function restartOnChange({ folders, signal }: Cli, config: string): Promise<void> {
  const sources = [...(await listGraphs(folders)).graphs.values()].filter(({ isBuiltIn }) => !isBuiltIn);
  for (const folder of new Set(sources.map(({ file }) => dirname(file)))) {
    const recursive = folder !== folders.project; // The project's folder contains all its packages.
    watch(folder, { recursive, signal }, (_, name) => {
      if (name && /\.[cm]?[jt]sx?$/.test(name)) void utimes(config, new Date(), new Date());
    });
  }
}

/** Waits until the runs of the server have finished their calls and stopped. */
async function drain(address: string, token: string, abort: AbortSignal): Promise<void> {
  await fetch(new URL("/control/api/drain", address), {
    method: "POST",
    headers: { "x-api-key": token },
    signal: AbortSignal.any([abort, AbortSignal.timeout(DRAIN_MS)]),
  });
}

/**
 * Waits until the server ends. The first signal drains it and then ends it with all its children; the second ends it
 * immediately.
 */
async function serve(
  { note, signal }: Cli,
  server: ChildProcess,
  drained: () => Promise<void>,
): Promise<ExitCode> {
  const exited = once(server, "exit");
  const stop = async () => {
    note("Stopping after the calls under way. Press Ctrl-C again to stop immediately.");
    await drained().catch(() => undefined); // It is not ready yet, or takes too long: it ends anyway.
    endGroup(server, "SIGTERM");
    setTimeout(() => endGroup(server, "SIGKILL"), GRACE_MS).unref();
  };
  if (signal.aborted) void stop();
  signal.addEventListener("abort", () => void stop(), { once: true });
  const [code] = await exited;
  endGroup(server, "SIGKILL");
  return signal.aborted ? 130 : code === 0 ? 0 : 1;
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // The group has ended.
  }
}
