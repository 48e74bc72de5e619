import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { onTestFinished } from "vitest";
import { createMcpServer } from "./mcp-server.mjs";

export interface McpHttpServer {
  readonly url: string;
  /** The headers of each request so far. */
  readonly headers: IncomingMessage["headers"][];
  /** Methods of the requests so far. */
  readonly methods: string[];
  /** Forgets all sessions, as a server that was started anew. */
  forget(): void;
}

/** A real MCP server over HTTP, of today's protocol or of the one before; gone when the test is over. */
export async function startMcpHttp(kind: keyof typeof WAYS = "streamable"): Promise<McpHttpServer> {
  const headers: IncomingMessage["headers"][] = [];
  const methods: string[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport | SSEServerTransport>();
  const server = createServer((request, response) => {
    headers.push(request.headers);
    methods.push(request.method ?? "");
    void WAYS[kind](sessions, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/mcp`, headers, methods, forget: () => sessions.clear() };
}

type Sessions = Map<string, StreamableHTTPServerTransport | SSEServerTransport>;

async function handleStreamable(sessions: Sessions, request: IncomingMessage, response: ServerResponse) {
  const id = request.headers["mcp-session-id"];
  const known = typeof id === "string" ? sessions.get(id) : undefined;
  if (known instanceof StreamableHTTPServerTransport) return known.handleRequest(request, response);
  if (id !== undefined) return void response.writeHead(404).end();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (session) => void sessions.set(session, transport),
  });
  await createMcpServer().connect(transport as Transport);
  return transport.handleRequest(request, response);
}

async function handleSse(sessions: Sessions, request: IncomingMessage, response: ServerResponse) {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "GET") {
    const transport = new SSEServerTransport("/messages", response);
    sessions.set(transport.sessionId, transport);
    return createMcpServer().connect(transport);
  }
  const known = sessions.get(searchParams.get("sessionId") ?? "");
  if (pathname !== "/messages" || !(known instanceof SSEServerTransport))
    return void response.writeHead(405).end();
  return known.handlePostMessage(request, response);
}

/** Tells who calls what it was sent. */
async function handleRefusing(_: Sessions, request: IncomingMessage, response: ServerResponse) {
  response.writeHead(401).end(`You sent ${request.headers.authorization}`);
}

async function handleEndless(_: Sessions, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== "POST") return void response.writeHead(405).end();
  response.writeHead(200, { "content-type": "text/event-stream" });
  const piece = "x".repeat(1024 * 1024);
  const write = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", write);
  write();
}

const WAYS = {
  streamable: handleStreamable,
  sse: handleSse,
  refusing: handleRefusing,
  endless: handleEndless,
};
