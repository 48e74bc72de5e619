import { AMBIGUOUS, type Refusal } from "./guard.ts";
import { TOKEN_PATH } from "./origins.ts";
import { hasControl, segmentsOf } from "./request-path.ts";

/** The address of a request as the LangGraph server gets it, and the token that was in its path. */
export interface Target {
  readonly path: string;
  readonly token: string | undefined;
}

/** Reads the address as the client sent it, before any program normalises it. Refuses what could be read in two ways. */
export function readTarget(url: string): Target | Refusal {
  const [path = "", ...queries] = url.split("?");
  const query = queries.join("?");
  if (!segmentsOf(path) || !/^[\x21-\x7e]*$/.test(query) || query.includes("#") || hasControl(query)) {
    return AMBIGUOUS;
  }
  const [, token, rest] = new RegExp(`^${TOKEN_PATH}([^/]*)(/.*)?$`).exec(path) ?? [];
  const search = queries.length === 0 ? "" : `?${query}`;
  return { path: `${token === undefined ? path : (rest ?? "/")}${search}`, token };
}
