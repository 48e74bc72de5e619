import { isSameSecret } from "./token.ts";
import type { WrongTokens } from "./wrong-tokens.ts";

/** Where LangGraph Studio is served from: the one foreign origin that may ask, with the token. */
export const STUDIO_ORIGIN = "https://smith.langchain.com";
export const LOGIN_PATH = "/control/login";
export const COOKIE = "decurion_token";

/** Bytes of a request's body at most: room for a plan of ten thousand tasks. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** What requests are held against. */
export interface Policy {
  readonly token: string;
  readonly wrongTokens: WrongTokens;
  /** The name under which the server is reached besides the loopback ones, if it listens elsewhere. */
  readonly host: string | undefined;
  /** Whether LangGraph Studio in the person's browser may ask without the token. */
  readonly trustsStudio: boolean;
}

/** Why a request is not served; `error` is one sentence for whoever sent it. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 411 | 413 | 415 | 429;
  readonly error: string;
  readonly retryAfterSeconds?: number;
}

type Facts = Pick<Request, "method" | "url" | "headers">;
type Check = (request: Facts, policy: Policy) => Refusal | undefined;

/**
 * Whether a request may be served, for every route there is, LangGraph's own included. Looks at nothing but the request
 * line and the headers, so that a body is read only when somebody who may send it has sent it.
 */
export function refusalOf(request: Facts, policy: Policy): Refusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(request, policy);
    if (refusal) return refusal;
  }
  return undefined;
}

/** A name that points here from outside (DNS rebinding) would make any web page ours. */
const checkHost: Check = (request, { host }) => {
  const name = hostOf(request).replace(/:\d+$/, "").toLowerCase();
  if (LOOPBACK.has(name) || name === host?.toLowerCase()) return undefined;
  return { status: 403, error: "This server does not answer under that name: use 127.0.0.1 or localhost." };
};

/** Browsers say where a request comes from. Other programs need not: they have to bring the token. */
const checkOrigin: Check = (request) => {
  if (isOwnOrigin(request) || isFromStudio(request)) return undefined;
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site") ?? "none";
  if (origin === null && (site === "none" || site === "same-origin" || isLink(request))) return undefined;
  return { status: 403, error: "Other sites may not ask this server." };
};

/** Somebody follows a link to the page: nothing is shown without the cookie, which is not sent then. */
function isLink(request: Facts): boolean {
  const { headers, method } = request;
  const isWhole =
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isWhole && method === "GET" && pathOf(request).startsWith("/control");
}

/** These would change what the server keeps for its own tests. */
const checkPath: Check = (request) =>
  pathOf(request).startsWith("/internal/") ? { status: 404, error: "There is no such route." } : undefined;

/** A body must be JSON and say so: a page elsewhere can send text or a form without being asked first. */
const checkBody: Check = ({ method, headers }) => {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return undefined;
  if (headers.has("transfer-encoding")) {
    return { status: 411, error: "A body must say how long it is (Content-Length)." };
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

/** The cookie counts only where the request is surely the page's own: other ports of this machine are sent it, too. */
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
