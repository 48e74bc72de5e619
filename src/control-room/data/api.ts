import { printable } from "../../format/text.ts";

const API = "/control/api";

/** A refusal, in the server's words. `status` is HTTP's, or 0 without a server. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws ApiError */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>(path, { ...(signal && { signal }) });
}

/** @throws ApiError */
export function post<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(API + path, { ...init, credentials: "same-origin" }).catch(
    (error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, "The server cannot be reached. Is it still running?");
    },
  );
  const text = await response.text();
  if (!response.ok)
    throw new ApiError(response.status, sentenceOf(text) ?? `The server answered ${response.status}.`);
  return parseShown<T>(text);
}

/**
 * Parses the server's JSON. Much of its text comes from agents, which may be hostile. So this removes control characters,
 * escape sequences and bidirectional overrides from every string on the page, except in the view of a request: a person
 * decides about it, so the page shows all of it with `textForDecision`.
 */
export function parseShown<T>(text: string): T {
  return cleaned(JSON.parse(text)) as T;
}

const EXACT = "view";

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, name === EXACT ? part : cleaned(part)]),
  );
}

function sentenceOf(text: string): string | undefined {
  try {
    const body = parseShown<{ error?: unknown }>(text);
    return typeof body?.error === "string" ? body.error : undefined;
  } catch {
    return undefined; // Not from Decurion: a proxy's page, for example.
  }
}

export function streamUrl(path: string): string {
  return API + path;
}
