import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { isFromAgent } from "../processes/socket-owner.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { readTarget } from "./request-target.ts";

/** The addresses of the front door, and of the LangGraph server behind it. */
export interface FrontDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly behind: { readonly host: string; readonly port: number };
  /** The other origins whose pages may call the server. */
  readonly origins: readonly string[];
}

export interface FrontDoor {
  close(): void;
}

/** Headers that hold for one connection only. */
const HOP_BY_HOP = ["connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];
const FOR_PEOPLE = "An agent's process asked: this server is for people.";
const STARTING = "The server is starting, or has ended: try again.";

/**
 * Listens for clients in front of the LangGraph server, whose own routing, log and preflight answers come before our code. It
 * refuses ambiguous addresses, takes a token off the path and puts it into the header, answers preflights, and passes
 * everything else on. The guard behind it decides who may do what.
 *
 * @throws when the address cannot be used.
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const agents = new WeakMap<Duplex, Promise<boolean>>();
  const server = createServer(async (asked, answer) => {
    if (await agents.get(asked.socket)) answer.writeHead(403).end(JSON.stringify({ error: FOR_PEOPLE }));
    else pass(asked, answer, options);
  });
  server.on("connection", (socket) => void agents.set(socket, isFromAgent(socket)));
  server.on("upgrade", async (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (await agents.get(asked.socket)) socket.destroy();
    else passSocket(asked, socket, head, options);
  });
  server.requestTimeout = 0; // A client may send and read for as long as it likes, as behind this door.
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(asked: IncomingMessage, answer: ServerResponse, { behind, origins }: FrontDoorOptions): void {
  const refuse = (status: number, error: string) => {
    if (answer.headersSent) {
      answer.destroy();
      return;
    }
    answer.writeHead(status, { "content-type": "application/json", ...corsHeaders(asked.headers, origins) });
    answer.end(JSON.stringify({ error }));
    asked.resume();
  };
  if (asked.method === "OPTIONS") {
    answer.writeHead(204, preflightHeaders(asked.headers, origins)).end();
    return;
  }
  const target = readTarget(asked.url ?? "");
  if ("error" in target) {
    refuse(target.status, target.error);
    return;
  }
  const onward = request({
    ...behind,
    method: asked.method ?? "GET",
    path: target.path,
    headers: onwardHeaders(asked.headers, target.token),
  });
  onward.on("response", (response) => {
    const headers = { ...withoutHop(response.headers), ...corsHeaders(asked.headers, origins) };
    answer.writeHead(response.statusCode ?? 502, headers);
    answer.flushHeaders();
    response.on("error", () => answer.destroy());
    response.pipe(answer);
  });
  onward.on("error", () => refuse(503, STARTING));
  answer.on("close", () => onward.destroy());
  onward.flushHeaders(); // The guard refuses a body by its headers, before the client sends it.
  asked.pipe(onward);
}

/** Passes a WebSocket on. The guard answers the request for it like any other. */
function passSocket(
  asked: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { behind }: FrontDoorOptions,
): void {
  socket.on("error", () => socket.destroy());
  const target = readTarget(asked.url ?? "");
  if ("error" in target)
    return void socket.end(`HTTP/1.1 ${target.status} Refused\r\nconnection: close\r\n\r\n`);
  const { connection, upgrade } = asked.headers;
  const headers = { ...onwardHeaders(asked.headers, target.token), connection, upgrade };
  const onward = request({ ...behind, path: target.path, headers });
  onward.on("upgrade", (response, other, first) => {
    socket.write(statusAndHeaders(response));
    socket.write(first);
    other.write(head);
    other.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => other.destroy());
    other.pipe(socket).pipe(other);
  });
  onward.on("response", (response) => {
    socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\nconnection: close\r\n\r\n`);
    response.resume();
  });
  onward.on("error", () => socket.destroy());
  onward.end();
}

function statusAndHeaders({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The token in the path replaces those in headers: Studio's page sends a key of its own there. */
function onwardHeaders(headers: IncomingHttpHeaders, token: string | undefined): OutgoingHttpHeaders {
  const onward: OutgoingHttpHeaders = withoutHop(headers);
  // Else Node would send a request without a body in chunks.
  if (!("transfer-encoding" in headers)) onward["content-length"] ??= "0";
  if (token === undefined) return onward;
  delete onward["authorization"];
  onward["x-api-key"] = token;
  return onward;
}

/** Without the headers of one connection, and without the answers to pages: those are ours. */
function withoutHop(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !HOP_BY_HOP.includes(name) && !name.startsWith("access-control-allow-"),
    ),
  );
}
