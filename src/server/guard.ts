import { isSameSecret } from "./token.ts";
import type { WrongTokens } from "./wrong-tokens.ts";

/** The origin of LangGraph Studio, the only foreign origin that may send requests, with the token. */
export const STUDIO_ORIGIN = "https://smith.langchain.com";
export const LOGIN_PATH = "/control/login";
export const COOKIE = "decurion_token";

/** The most bytes of a body: enough for a plan of ten thousand tasks. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The rules for requests. */
export interface Policy {
  readonly token: string;
  readonly wrongTokens: WrongTokens;
  /** The server's host name besides the loopback names, if it listens elsewhere. */
  readonly host: string | undefined;
  /** Whether LangGraph Studio in the user's browser needs no token. */
  readonly trustsStudio: boolean;
}

/** A refused request; `error` is one sentence for its sender. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 411 | 413 | 415 | 429;
  readonly error: string;
  readonly retryAfterSeconds?: number;
}

type Facts = Pick<Request, "method" | "url" | "headers">;
type Check = (request: Facts, policy: Policy) => Refusal | undefined;

/**
 * Checks a request to any route, including LangGraph's. Reads only the request line and the headers, so that the body of a
 * refused request is never read.
 */
export function refusalOf(request: Facts, policy: Policy): Refusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(request, policy);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Against DNS rebinding: a foreign name that resolves to this machine would give any web page our origin. */
const checkHost: Check = (request, { host }) => {
  const name = hostOf(request).replace(/:\d+$/, "").toLowerCase();
  if (LOOPBACK.has(name) || name === host?.toLowerCase()) return undefined;
  return { status: 403, error: "This server does not accept that host name: use 127.0.0.1 or localhost." };
};

/** Browsers send the origin of a request. Other programs need not, but they need the token. */
const checkOrigin: Check = (request) => {
  if (isOwnOrigin(request) || isFromStudio(request)) return undefined;
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site") ?? "none";
  if (origin === null && (site === "none" || site === "same-origin" || isLink(request))) return undefined;
  return { status: 403, error: "This server does not accept requests from other sites." };
};

/** Whether the user follows a link to the page. Without the cookie, which the browser does not send then, it shows nothing. */
function isLink(request: Facts): boolean {
  const { headers, method } = request;
  const isWhole =
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isWhole && method === "GET" && pathOf(request).startsWith("/control");
}

/** Refuses the LangGraph server's internal routes, which change its state for its own tests. */
const checkPath: Check = (request) =>
  pathOf(request).startsWith("/internal/") ? { status: 404, error: "There is no such route." } : undefined;

/** A body must be application/json: a foreign page can send a text or a form without a preflight request. */
const checkBody: Check = ({ method, headers }) => {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return undefined;
  if (headers.has("transfer-encoding")) {
    return { status: 411, error: "A body needs a Content-Length header." };
  }
  const bytes = Number(headers.get("content-length") ?? 0);
  if (!(bytes <= MAX_BODY_BYTES)) {
    return { status: 413, error: `A body may have ${MAX_BODY_BYTES / 1024 / 1024} MB at most.` };
  }
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json" || (type === undefined && bytes === 0)) return undefined;
  return { status: 415, error: "A body must be application/json." };
};

const checkToken: Check = (request, policy) => {
  if (pathOf(request) === LOGIN_PATH) return undefined; // It looks at the token itself.
  if (policy.trustsStudio && isFromStudio(request)) return undefined;
  const given = tokensOf(request);
  if (given.some((token) => isSameSecret(token, policy.token))) return undefined;
  if (given.length > 0) return wrongToken(policy);
  return { status: 401, error: `Log in with the link that the studio command prints, or send the token.` };
};

/** Counts a wrong token. */
export function wrongToken({ wrongTokens }: Policy): Refusal {
  wrongTokens.count();
  return pauseOf(wrongTokens) ?? { status: 401, error: "That is not the token of this server." };
}

export function pauseOf({ pauseSeconds }: WrongTokens): Refusal | undefined {
  if (pauseSeconds === 0) return undefined;
  const error = `Too many wrong tokens: try again in ${pauseSeconds} s.`;
  return { status: 429, error, retryAfterSeconds: pauseSeconds };
}

const CHECKS: readonly Check[] = [checkHost, checkOrigin, checkPath, checkBody, checkToken];

/** The cookie counts only in requests of our page: the browser also sends it to other ports of this machine. */
function tokensOf(request: Facts): string[] {
  const { headers } = request;
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const cookie = isOurPage(request) ? cookieOf(headers.get("cookie") ?? "") : undefined;
  return [bearer, headers.get("x-api-key"), cookie].flatMap((token) => token?.trim() || []);
}

function isOurPage(request: Facts): boolean {
  const { headers, method } = request;
  if (isFromStudio(request)) return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  return method === "GET" || method === "HEAD" || site === "same-origin" || isOwnOrigin(request);
}

function cookieOf(header: string): string | undefined {
  const pairs = header.split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

function isFromStudio({ headers }: Facts): boolean {
  return headers.get("origin") === STUDIO_ORIGIN;
}

function isOwnOrigin(request: Facts): boolean {
  const origin = request.headers.get("origin");
  return origin === `http://${hostOf(request)}` || origin === `https://${hostOf(request)}`;
}

function hostOf({ headers, url }: Facts): string {
  return headers.get("host") ?? new URL(url).host;
}

function pathOf({ url }: Facts): string {
  return new URL(url).pathname;
}
