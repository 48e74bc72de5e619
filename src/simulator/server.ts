import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { messageOf, UsageError } from "../domain/errors.ts";
import { type ModelPrice, type PriceTable, parsePrices } from "../domain/price.ts";
import { type Account, Bookkeeper } from "./account.ts";
import { ApiError, errorBody } from "./api-error.ts";
import { createChance } from "./chance.ts";
import { answerMessages, type SimulatorState } from "./messages.ts";
import { PromptCache } from "./prompt-cache.ts";
import { RateLimiter, type RateLimits } from "./rate-limits.ts";
import { parseRequest, promptTokens } from "./request.ts";
import { limitsOf } from "./rules.ts";
import { type Scenario, ScenarioPlayer } from "./scenario.ts";
import { sendJson } from "./send.ts";

export interface SimulatorOptions {
  /** 0 or absent for a free port. */
  readonly port?: number;
  readonly host?: string;
  /** The time until an answer starts. */
  readonly latencyMs?: number;
  readonly msPerToken?: number;
  /** The seed of all random choices: the same seed gives the same run. */
  readonly seed?: number;
  readonly scenario?: Scenario;
  /** When set, any other key gets a 401. */
  readonly apiKey?: string;
  readonly limits?: RateLimits;
  readonly prices?: PriceTable;
}

export interface Simulator {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  readonly port: number;
  account(): Account;
  /** The bill of each request since the last reset, by request id. Keeps only the newest of very many. */
  bills(): ReadonlyMap<string, number>;
  /** Resets the account, the cache and the limits. */
  reset(): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Escaped surrogates; `JSON.stringify` escapes only those without their other half. */
const HAS_ESCAPE = /\\u[dD][89a-fA-F]/;
const HALF_CHARACTER = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * Starts a server that offers the Messages API over real HTTP: JSON and streams, tools, thinking, structured
 * output, count_tokens, models, the prompt cache, rate limits, the API's rules as errors, and scripted faults.
 * Its answers are composed from the prompt and cost nothing. GET /_simulator/account shows the bills.
 *
 * @throws UsageError when the port is in use.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 1;
  const state: SimulatorState = {
    seed,
    prices: options.prices ?? parsePrices(),
    pace: { latencyMs: options.latencyMs ?? 0, msPerToken: options.msPerToken ?? 0 },
    books: new Bookkeeper(),
    cache: new PromptCache(),
    limiter: new RateLimiter(options.limits ?? {}),
    player: new ScenarioPlayer(options.scenario ?? { faults: [], answers: [] }, createChance(seed)),
    paused: new Set(),
    cutOff: new Map(),
  };
  const reset = () => {
    state.books.reset();
    state.cache.clear();
    state.limiter.clear();
  };
  let requests = 0;
  const server = createServer((request, response) => {
    response.setHeader("request-id", `req_sim_${String(++requests).padStart(8, "0")}`);
    void handle(state, options.apiKey, reset, request, response);
  });
  const port = await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
  return {
    url: `http://${options.host ?? "127.0.0.1"}:${port}`,
    port,
    account: () => state.books.account,
    bills: () => state.books.bills,
    reset,
    close: () => close(server),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "it is in use" : error.message;
      reject(
        new UsageError(`The simulator cannot listen on port ${port}: ${reason}. Choose another with --port.`),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(
  state: SimulatorState,
  apiKey: string | undefined,
  reset: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Questions about the server itself are not in the account.
  if (request.method === "POST") {
    state.books.begin();
    // A stalled or slow answer ends when its client disconnects.
    response.once("close", () => state.books.end());
  }
  try {
    await route(state, apiKey, reset, request, response);
  } catch (error) {
    sendError(state, error, response);
  }
}

async function route(
  state: SimulatorState,
  apiKey: string | undefined,
  reset: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const what = `${request.method} ${pathname.replace(/\/$/, "") || "/"}`;
  if (what === "GET /_simulator/account") return sendJson(response, 200, state.books.account);
  if (what === "POST /_simulator/reset") {
    reset();
    return sendJson(response, 200, {});
  }
  if (what === "HEAD /" || what === "GET /") return sendJson(response, 200, { simulator: true });
  checkKey(request, apiKey);
  if (what === "POST /v1/messages") return answerMessages(state, await readJson(request), response);
  if (what === "POST /v1/messages/count_tokens") {
    const body = await readJson(request);
    const parsed = parseRequest(
      typeof body === "object" && body !== null ? { max_tokens: 1, ...body } : body,
    );
    limitsOf(parsed.model, state.prices);
    return sendJson(response, 200, { input_tokens: promptTokens(parsed) });
  }
  if (what === "GET /v1/models") return sendJson(response, 200, modelList(state.prices));
  const [, model] = /^GET \/v1\/models\/(.+)$/.exec(what) ?? [];
  if (model !== undefined) {
    return sendJson(response, 200, modelInfo(model, limitsOf(model, state.prices)));
  }
  throw new ApiError(404, `Not found: ${what}`);
}

function checkKey(request: IncomingMessage, apiKey: string | undefined): void {
  const bearer = request.headers.authorization?.replace(/^Bearer /i, "");
  const given = request.headers["x-api-key"] ?? bearer;
  if (!given) throw new ApiError(401, "x-api-key header is required");
  if (apiKey !== undefined && given !== apiKey) throw new ApiError(401, "invalid x-api-key");
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new ApiError(413, "Request exceeds the maximum allowed number of bytes");
  const text = Buffer.concat(chunks).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `The request body is not valid JSON: ${messageOf(error)}`);
  }
  if (HAS_ESCAPE.test(text) && HALF_CHARACTER.test(JSON.stringify(value))) {
    throw new ApiError(400, "The request body is not valid JSON: no low surrogate in string");
  }
  return value;
}

function sendError(state: SimulatorState, error: unknown, response: ServerResponse): void {
  const known = error instanceof ApiError ? error : new ApiError(500, messageOf(error));
  if (known.status < 429 || known.status === 500) state.books.fault(`error-${known.status}`);
  if (response.headersSent || response.destroyed) return void response.destroy();
  for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value);
  sendJson(
    response,
    known.status,
    errorBody(known.type, known.message, String(response.getHeader("request-id")), known.code),
  );
}

function modelList(prices: PriceTable) {
  const data = Object.entries(prices.models).map(([id, price]) => modelInfo(id, price));
  return { data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false };
}

function modelInfo(id: string, { contextWindow, maxOutput }: ModelPrice) {
  const limits = { max_input_tokens: contextWindow, max_tokens: maxOutput };
  return { type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z", ...limits };
}
