import { hasControl, segmentsOf } from "./request-path.ts";
import { isServed } from "./routes.ts";
import { cookieName, type Sessions } from "./sessions.ts";
import { isSameSecret } from "./token.ts";
import type { WrongTokens } from "./wrong-tokens.ts";

export const LOGIN_PATH = "/control/login";

/** The most bytes of a body: enough for a plan of ten thousand tasks. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The rules for requests. */
export interface Policy {
  readonly token: string;
  readonly sessions: Sessions;
  readonly wrongTokens: WrongTokens;
  /** The server's host name besides the loopback names, if it listens elsewhere. */
  readonly host: string | undefined;
  /** The other origins whose pages may send requests, with the token. */
  readonly origins: readonly string[];
}

/** A refused request; `error` is one sentence for its sender. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 411 | 413 | 415 | 429;
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
const checkOrigin: Check = (request, policy) => {
  if (isOwnOrigin(request) || isForeign(request, policy)) return undefined;
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

/** Refuses everything that is not known to be served, for example the routes by which LangGraph's tests change its state. */
const checkPath: Check = ({ method, url }) => {
  const { pathname, search } = new URL(url);
  const segments = segmentsOf(pathname);
  if (!segments || hasControl(search)) return AMBIGUOUS;
  return isServed(method, segments) ? undefined : { status: 404, error: "There is no such route." };
};

export const AMBIGUOUS: Refusal = {
  status: 400,
  error:
    "The address can be read in more than one way: send it without dots, backslashes, NUL and needless escapes.",
};

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
  const given = tokensOf(request);
  if (given.some((token) => isSameSecret(token, policy.token))) return undefined;
  if (given.length > 0) return wrongToken(policy);
  const session = isOurPage(request, policy) ? sessionOf(request) : undefined;
  if (session !== undefined && policy.sessions.isOpen(session)) return undefined;
  return { status: 401, error: "Log in with the link that the studio command prints, or send the token." };
};

/** Counts a wrong token. The right one is never refused, so that nobody can lock others out with wrong ones. */
export function wrongToken({ wrongTokens }: Policy): Refusal {
  wrongTokens.count();
  const { pauseSeconds } = wrongTokens;
  if (pauseSeconds === 0) return { status: 401, error: "That is not the token of this server." };
  const error = `Too many wrong tokens: try again in ${pauseSeconds} s.`;
  return { status: 429, error, retryAfterSeconds: pauseSeconds };
}

const CHECKS: readonly Check[] = [checkHost, checkOrigin, checkPath, checkBody, checkToken];

function tokensOf({ headers }: Facts): string[] {
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return [bearer, headers.get("x-api-key")].flatMap((token) => token?.trim() || []);
}

/** The cookie counts only in requests of our page: the browser also sends it to other ports of this machine. */
function isOurPage(request: Facts, policy: Policy): boolean {
  const { headers, method } = request;
  if (isForeign(request, policy)) return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  return method === "GET" || method === "HEAD" || site === "same-origin" || isOwnOrigin(request);
}

function sessionOf(request: Facts): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === cookieName(hostOf(request)))?.[1];
}

function isForeign({ headers }: Facts, { origins }: Policy): boolean {
  return origins.includes(headers.get("origin") ?? "");
}

function isOwnOrigin(request: Facts): boolean {
  const origin = request.headers.get("origin");
  return origin === `http://${hostOf(request)}` || origin === `https://${hostOf(request)}`;
}

export function hostOf({ headers, url }: Pick<Request, "headers" | "url">): string {
  return headers.get("host") ?? new URL(url).host;
}

function pathOf({ url }: Facts): string {
  return new URL(url).pathname;
}
