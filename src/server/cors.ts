import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Headers of answers that LangGraph's clients read. */
const EXPOSED = "content-location, x-pagination-total";
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const PREFLIGHT_SECONDS = "600";

/** The headers by which a browser lets a page of an allowed origin read an answer. Other pages get none. */
export function corsHeaders(
  { origin }: IncomingHttpHeaders,
  origins: readonly string[],
): OutgoingHttpHeaders {
  if (origin === undefined || !origins.includes(origin)) return { vary: "origin" };
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
  };
}

/**
 * The answer's headers to a preflight request, which a browser sends without the token. `private-network`: Chrome asks so before
 * a page of the internet may call this machine.
 */
export function preflightHeaders(
  asked: IncomingHttpHeaders,
  origins: readonly string[],
): OutgoingHttpHeaders {
  const { "access-control-allow-origin": origin, vary } = corsHeaders(asked, origins);
  if (origin === undefined) return { vary };
  return {
    vary: "origin, access-control-request-headers",
    "access-control-allow-origin": origin,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": asked["access-control-request-headers"] ?? "*",
    "access-control-allow-private-network": "true",
    "access-control-max-age": PREFLIGHT_SECONDS,
  };
}
