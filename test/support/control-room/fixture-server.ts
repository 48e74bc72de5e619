import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type {
  Answered,
  Checkpoint,
  GraphView,
  RequestView,
  TaskDetail,
  ThreadDetail,
  ThreadRow,
} from "../../../src/server/api-types.ts";
import { PACKAGE_FOLDER } from "../package-folder.ts";
import { rowOf } from "./data.ts";

const PAGE = join(PACKAGE_FOLDER, "src", "server", "page");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const DRIVERS = [{ name: "messages", label: "Messages API" }];
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'";

/** What the server in this test's hands knows; a test may change it and tell the page by `send`. */
export interface FixtureData {
  readonly threads: Map<string, ThreadDetail>;
  readonly tasks: Map<string, TaskDetail>;
  readonly history: Map<string, Checkpoint[]>;
  readonly graph: GraphView;
}

export interface Fixture {
  readonly url: string;
  /** Sends an event to whoever follows a path: `/events`, or `/threads/…/events`. */
  send(path: string, event: string, data: unknown): void;
  /** Ends all streams, as a server that is started anew does. */
  dropStreams(): void;
  /** What was posted, newest last. */
  readonly posted: { readonly path: string; readonly body: unknown }[];
  /** Answers the next post with this refusal. */
  refuse(status: number, error: string): void;
  close(): Promise<void>;
}

/** The control room's page over real HTTP with an API that answers from data: for what needs thousands of rows at once. */
export async function startFixture(data: FixtureData): Promise<Fixture> {
  const streams = new Map<ServerResponse, string>();
  const posted: { path: string; body: unknown }[] = [];
  let refusal: { status: number; error: string } | undefined;

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (!pathname.startsWith("/control/api")) return sendFile(pathname, response);
    const path = pathname.slice("/control/api".length);
    if (path.endsWith("/events")) return openStream(path, response);
    if (request.method === "POST") {
      posted.push({ path, body: JSON.parse(await textOf(request)) });
      const answer = refusal ? { status: refusal.status, body: { error: refusal.error } } : accept(path);
      refusal = undefined;
      return sendJson(response, answer.status, answer.body);
    }
    const found = answerTo(data, path, searchParams);
    sendJson(response, found === undefined ? 404 : 200, found ?? { error: `There is nothing at ${path}.` });
  });

  const openStream = (path: string, response: ServerResponse) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
    streams.set(response, path);
    response.on("close", () => streams.delete(response));
  };
  const accept = (path: string): { status: number; body: unknown } => {
    const id = decodeURIComponent(/^\/requests\/([^/]+)\/answer$/.exec(path)?.[1] ?? "");
    const request = requestsOf(data).find((one) => one.id === id);
    if (!request) return { status: 202, body: { thread: [...data.threads.keys()][0] } };
    const body: Answered = {
      request: {
        ...request,
        status: "answered",
        view: null,
        answer: { type: "approve" },
        answeredAt: request.askedAt,
      },
      goesOn: true,
    };
    return { status: 200, body };
  };

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/control/`,
    send: (path, event, sent) => {
      for (const [stream, at] of streams) {
        if (at === path) stream.write(`event: ${event}\ndata: ${JSON.stringify(sent)}\n\n`);
      }
    },
    dropStreams: () => {
      for (const stream of streams.keys()) stream.end();
    },
    posted,
    refuse: (status, error) => {
      refusal = { status, error };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answerTo(data: FixtureData, path: string, search: URLSearchParams): unknown {
  const [, kind = "", id = "", part = "", name = ""] = path.split("/").map(decodeURIComponent);
  if (kind === "graphs") return id === "" ? { graphs: [data.graph.name], drivers: DRIVERS } : data.graph;
  if (kind === "requests") return { requests: requestsOf(data).filter(({ status }) => status === "open") };
  if (id === "") return pageOf(data, search);
  if (part === "history") return { checkpoints: data.history.get(id) ?? [], before: null };
  if (part === "tasks") return data.tasks.get(name);
  return data.threads.get(id);
}

function pageOf(data: FixtureData, search: URLSearchParams): { threads: ThreadRow[]; cursor: string | null } {
  const from = Number(search.get("cursor") ?? 0);
  const limit = Number(search.get("limit") ?? 50);
  const fitting = [...data.threads.values()]
    .map(rowOf)
    .filter(({ status }) => search.get("status") === null || search.get("status") === status)
    .filter(({ input }) => input.includes(search.get("q") ?? ""));
  const to = from + limit;
  return { threads: fitting.slice(from, to), cursor: to < fitting.length ? String(to) : null };
}

function requestsOf({ threads }: FixtureData): RequestView[] {
  return [...threads.values()].flatMap(({ requests }) => requests);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendFile(pathname: string, response: ServerResponse): void {
  const name = normalize(pathname.replace(/^\/control\//, "") || "index.html");
  try {
    const file = readFileSync(join(PAGE, name));
    response.writeHead(200, {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      "content-security-policy": POLICY,
    });
    response.end(file);
  } catch {
    response.writeHead(404).end();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
