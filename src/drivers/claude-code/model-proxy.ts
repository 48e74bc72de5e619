import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallError } from "../../calls/call-error.ts";
import type { TurnResponse } from "../../calls/transport.ts";
import { messageOf, NestedSpawnError, UsageError } from "../../domain/errors.ts";
import { ownerOf } from "../../processes/socket-owner.ts";
import { type CodeTurn, parseCodeTurn } from "./foreign-request.ts";
import { renderMessage, renderStream } from "./render-message.ts";

/** The Messages API for one attempt of Claude Code. */
export interface ModelProxy {
  /** For ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY. The key is valid only here. */
  readonly url: string;
  readonly key: string;
  readonly port: number;
  /** The path of a socket to the same server, for a sandbox without network. */
  readonly socket: string;
  /** Only this process gets answers over the port. */
  serves(program: { readonly pid?: number | undefined }): void;
  close(): Promise<void>;
}

export interface ModelProxyOptions {
  /** The only session that gets answers. Another user of the key is an agent inside this one. */
  readonly sessionId: string;
  /** Buys a turn, or takes it from the journal. */
  readonly buy: (turn: CodeTurn) => Promise<TurnResponse>;
  /** Called with the error that ends the attempt. Its request gets no answer. */
  readonly onFatal: (error: unknown) => void;
}

const SESSION_HEADER = "x-claude-code-session-id";
/** Claude Code sends them for the agents that it starts. */
const AGENT_HEADERS = ["x-claude-code-agent-id", "x-claude-code-parent-agent-id"];
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Opens a server on a free loopback port, the only way for Claude Code to reach a model. So each of its calls is reserved,
 * sent, committed and replayed like ours, the real key stays here, and an answer is committed before Claude Code sees its
 * first word. Refusals of the API are passed on, because Claude Code can handle a prompt that is too long. Any other
 * failure ends the attempt, because the retries are already used up.
 */
export async function openModelProxy(options: ModelProxyOptions): Promise<ModelProxy> {
  const key = `decurion-${randomBytes(24).toString("hex")}`;
  const underWay = new Map<string, Promise<TurnResponse>>();
  let program: { readonly pid?: number | undefined } = {};
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, key, { ...options, pid: () => program.pid }, underWay).then(
      (answer) => send(response, answer),
      (error: unknown) => options.onFatal(error),
    );
  };
  const [server, inside] = [createServer(answer), createServer(answer)];
  const folder = await mkdtemp(join(tmpdir(), "decurion-"));
  const socket = join(folder, "model");
  const port = await listen(server);
  await new Promise<void>((resolve, reject) => inside.once("error", reject).listen(socket, resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    port,
    socket,
    serves: (launched) => {
      program = launched;
    },
    close: async () => {
      await Promise.all([close(server), close(inside)]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: "application/json" | "text/event-stream";
  readonly body: string;
}

async function handle(
  request: IncomingMessage,
  key: string,
  options: ModelProxyOptions & { readonly pid: () => number | undefined },
  underWay: Map<string, Promise<TurnResponse>>,
): Promise<Answer> {
  if (!isSame(request.headers["x-api-key"], key))
    return refusal(401, "authentication_error", "invalid x-api-key");
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method !== "POST" || pathname !== "/v1/messages") {
    return refusal(404, "not_found_error", "only messages are answered here");
  }
  if (await isStranger(request, options)) {
    options.onFatal(
      new NestedSpawnError("The agent started another agent, which asked Claude with its key."),
    );
    return refusal(403, "permission_error", "agents never start agents");
  }
  try {
    const turn = parseCodeTurn(await readJson(request), request.headers);
    const message = await onlyOnce(underWay, turn, options.buy);
    return turn.isStream
      ? { status: 200, type: "text/event-stream", body: renderStream(message) }
      : json(200, renderMessage(message));
  } catch (error) {
    if (error instanceof UsageError) return refusal(400, "invalid_request_error", error.message);
    if (!(error instanceof CallError) || error.kind !== "refused" || error.status === 401) throw error;
    return refusal(error.status ?? 400, "invalid_request_error", error.message);
  }
}

/** Whether a request is from an agent inside of this one: of another session, with an agent's id, or of another process. */
async function isStranger(
  { headers, socket }: IncomingMessage,
  { sessionId, pid }: { readonly sessionId: string; readonly pid: () => number | undefined },
): Promise<boolean> {
  if (headers[SESSION_HEADER] !== sessionId || AGENT_HEADERS.some((name) => headers[name] !== undefined))
    return true;
  const program = pid();
  if (program === undefined || socket.remotePort === undefined) return false;
  const owner = await ownerOf(socket);
  return owner !== undefined && !(await owner.isHeldBy([program]));
}

/** A request that is repeated before its answer gets the same answer. */
async function onlyOnce(
  underWay: Map<string, Promise<TurnResponse>>,
  turn: CodeTurn,
  buy: ModelProxyOptions["buy"],
): Promise<TurnResponse> {
  const identity = `${turn.content.foreign?.identity}`;
  const bought = underWay.get(identity) ?? buy(turn);
  underWay.set(identity, bought);
  try {
    return await bought;
  } finally {
    underWay.delete(identity);
  }
}

function isSame(given: unknown, key: string): boolean {
  const [one, other] = [Buffer.from(`${given}`), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new UsageError("the request is too large");
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the request is not readable: ${messageOf(error)}`);
  }
}

function refusal(status: number, type: string, message: string): Answer {
  return json(status, { type: "error", error: { type, message } });
}

function json(status: number, value: object): Answer {
  return { status, type: "application/json", body: JSON.stringify(value) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
