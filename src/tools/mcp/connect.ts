import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { within } from "../../domain/within.ts";
import type { ProcessScope } from "../../processes/process-scope.ts";
import { startProcess } from "../../processes/start-process.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { ProcessTransport, TOO_LONG } from "./process-transport.ts";
import type { HttpServer, McpServer, ProcessServer } from "./server-config.ts";

/** The attempt that servers work for, their folder, and their time limits. */
export interface ServerScope {
  /** The attempt that limits the memory of their processes. */
  readonly memory: ProcessScope;
  /** Kills them immediately. */
  readonly signal: AbortSignal;
  /** The project's folder, in which their processes run. */
  readonly folder: string;
  /** The agent's workspace, which they may change. */
  readonly workspace: string;
  readonly connectMs: number;
  readonly callMs: number;
}

/** An open connection. */
export interface Connection {
  readonly client: Client;
  /** Resolves when it is closed, by either side. */
  readonly closed: Promise<void>;
  /** How the server's process ended, to follow its name: `ended with 1: …`; empty while it runs. */
  end(): string;
  close(): Promise<void>;
}

const CLIENT = { name: "decurion", version: "1" };
/** How long a server may take to close a session of ours. */
const FORGET_MS = 2000;
/** Switches off the SDK's own timeout for a request: `within` limits it. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/**
 * Starts a server's process or calls its address, and negotiates the protocol.
 *
 * @throws ConnectError; the scope's signal's reason.
 */
export async function connect(server: McpServer, scope: ServerScope): Promise<Connection> {
  if (server.kind === "stdio") return connectProcess(server, scope);
  if (server.kind === "sse") return connectHttp(SSEClientTransport, server, scope);
  try {
    return await connectHttp(StreamableHTTPClientTransport, server, scope);
  } catch (error) {
    if (!isOlderServer(error)) throw error;
    return await connectHttp(SSEClientTransport, server, scope).catch(() => {
      throw error;
    });
  }
}

/** Servers older than streamable HTTP refuse its first request like this, by the protocol. */
function isOlderServer(error: unknown): boolean {
  const cause = error instanceof ConnectError ? error.cause : undefined;
  return cause instanceof StreamableHTTPError && [400, 404, 405].includes(cause.code ?? 0);
}

async function connectHttp(
  Kind: typeof SSEClientTransport | typeof StreamableHTTPClientTransport,
  { url, headers }: HttpServer,
  scope: ServerScope,
): Promise<Connection> {
  let end = "";
  const onTooLong = () => {
    end = TOO_LONG;
    void transport.close();
  };
  const transport = new Kind(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: boundedFetch(onTooLong),
  });
  const forget = async () => {
    if (!(transport instanceof StreamableHTTPClientTransport)) return;
    await within(FORGET_MS, scope.signal, () => transport.terminateSession()).catch(() => undefined);
  };
  return establish(transport, scope, { forget, end: () => end });
}

async function connectProcess(server: ProcessServer, scope: ServerScope): Promise<Connection> {
  const { command, parameters, environment } = server;
  const { memory, folder, workspace } = scope;
  // A person configured or approved the server, with the files that its command names.
  const named = [command, ...parameters].filter((word) => isAbsolute(word)).map(packageOf);
  const needs = { reads: [folder, ...named], writes: [workspace], network: "shared" } as const;
  const killed = new AbortController();
  const kill = () => killed.abort();
  scope.signal.addEventListener("abort", kill, { once: true });
  const transport = new ProcessTransport(
    () => startProcess(command, parameters, { memory, signal: killed.signal, folder, needs, environment }),
    kill,
  );
  const end = () => endOf(transport);
  const connection = await establish(transport, scope, { end });
  void connection.closed.then(() => scope.signal.removeEventListener("abort", kill));
  return connection;
}

/** The folder of the package that a file belongs to, of which a program needs the rest. */
function packageOf(path: string): string {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) || existsSync(join(folder, "pyproject.toml"))) return folder;
  }
  return path;
}

function endOf({ endedWith, said }: ProcessTransport): string {
  if (endedWith === undefined) return "";
  const end = endedWith === null ? "was killed" : `ended with ${endedWith}`;
  return said.trim() === "" ? end : `${end}: ${said.trim()}`;
}

/** A failed connection. The message follows the server's name in a sentence. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
}

async function establish(
  transport: Transport,
  { signal, memory, connectMs }: ServerScope,
  { end, forget }: { end: () => string; forget?: () => Promise<void> },
): Promise<Connection> {
  const client = new Client(CLIENT);
  const closed = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  const close = async () => {
    await forget?.();
    await client.close();
  };
  try {
    await within(connectMs, signal, (own) =>
      client.connect(transport, { signal: own, timeout: NO_LIMIT_MS }),
    );
  } catch (error) {
    if (isLostPipe(error)) await transport.close(); // How its process ended says more, and comes a moment later.
    const reason = end() || reasonOf(error);
    await transport.close();
    signal.throwIfAborted();
    memory.exceeded.throwIfAborted();
    throw new ConnectError(reason, { cause: error });
  }
  return { client, closed, end, close };
}

function isLostPipe(error: unknown): boolean {
  const code: unknown = Object(error).code;
  return typeof code === "string" && /^(EPIPE|ECONNRESET|ERR_STREAM_\w+)$/.test(code);
}

/** The reason, to follow a server's name. The innermost error is the most precise. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeLimitError") return error.message;
  const { cause } = error;
  return `failed: ${cause instanceof Error && cause.message !== "" ? cause.message : error.message}`;
}
