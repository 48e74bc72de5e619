import { APIError } from "@anthropic-ai/sdk";
import { messageOf } from "../domain/errors.ts";
import { type Hide, hiddenError } from "../domain/secrets.ts";
import type { Usage } from "../domain/usage.ts";
import { clip } from "../format/text.ts";
import { CallError } from "./call-error.ts";
import { serverWords } from "./server-words.ts";

/** What the driver knows about a call that threw. */
export interface FailedCall {
  /** The run's own signal. */
  readonly signal: AbortSignal;
  readonly isIdle: boolean;
  readonly idleMs: number;
  /** Whether the answer had started: from then on it may be billed. */
  readonly hasStarted: boolean;
  /** What it had used by then, as far as it is known. */
  readonly used?: Usage | undefined;
  /** Hides the key: servers quote it, and so do errors about headers. */
  readonly hide: Hide;
}

/** Statuses that the same request would always get again. */
const REFUSED = new Set([400, 401, 403, 404, 405, 413, 422]);

/** The `error_code` of a 429 that no wait solves: the money is used up, not the minute's limit. */
const SPENT = new Set(["contract_spend_limit_reached", "enforced_spend_limit_reached"]);

/** The HTTP status for each error type of the stream's `error` event, which has none. */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

/** Classifies anything that a call throws. Passes on only the server's words, without the key, and the status, never headers. */
export function toCallError(error: unknown, call: FailedCall): CallError {
  const { used, hide } = call;
  if (error instanceof CallError) {
    const { kind, status, retryAfterMs, mayBeBilled } = error;
    const cause = hiddenError(error, hide);
    return new CallError(hide(error.message), { kind, status, retryAfterMs, mayBeBilled, used, cause });
  }
  if (call.signal.aborted) {
    return new CallError("The call was stopped.", { kind: "aborted", mayBeBilled: true, used });
  }
  if (call.isIdle) {
    const seconds = Math.round(call.idleMs / 100) / 10;
    return new CallError(`Claude's stream was silent for ${seconds} s.`, {
      kind: "later",
      mayBeBilled: true,
      used,
    });
  }
  if (error instanceof APIError && (error.status !== undefined || error.error !== undefined)) {
    return answeredError(error, call);
  }
  return new CallError(`The connection to Claude failed: ${rootMessage(error, hide)}.`, {
    kind: "later",
    mayBeBilled: call.hasStarted,
    used,
    cause: hiddenError(error, hide),
  });
}

function answeredError(error: APIError, call: FailedCall): CallError {
  const status = error.status ?? STATUS_OF_TYPE.get(typeOf(error) ?? "") ?? 500;
  const isSpent = status === 402 || typeOf(error) === "billing_error" || SPENT.has(codeOf(error) ?? "");
  const words = call.hide(wordsOf(error));
  return new CallError(`${sentenceFor(isSpent ? 402 : status)} (${status}${words && `: ${words}`}).`, {
    kind: isSpent ? "halted" : REFUSED.has(status) ? "refused" : "later",
    status,
    retryAfterMs: retryAfterMs(error.headers),
    mayBeBilled: call.hasStarted,
    used: call.used,
    cause: hiddenError(error, call.hide),
  });
}

/** Whether a server refused a prompt because it is longer than the model's window. */
export function isPromptTooLong(error: unknown): boolean {
  return error instanceof CallError && error.kind === "refused" && TOO_LONG.test(error.message);
}

const TOO_LONG = /prompt is too long|context (length|window|limit)|maximum context|too many (input )?tokens/i;

function sentenceFor(status: number): string {
  if (status === 401) return "Claude refused the API key: check ANTHROPIC_API_KEY";
  if (status === 402)
    return "Claude refused the call because the account has no money left or reached its spending limit";
  if (status === 403) return "The API key has no permission for this";
  if (status === 404) return "Claude's server knows no such model or address";
  if (status === 413) return "The request is too large for Claude";
  if (status === 429) return "Claude's rate limit was reached";
  return status < 500 ? "Claude refused the request" : "Claude's server has a problem";
}

function typeOf(error: APIError): string | undefined {
  return errorBody(error)?.type;
}

function codeOf(error: APIError): string | undefined {
  return errorBody(error)?.code;
}

/** A body that is no JSON is only in the SDK's message, after the status. */
function wordsOf({ status, error, message }: APIError): string {
  if (error !== undefined) return serverWords(error);
  const text = message.replace(`${status} `, "");
  return text === "status code (no body)" ? "" : serverWords(text);
}

/** The type and the code of an API error body. Some servers send it without the envelope. */
function errorBody(error: APIError): { type?: string; code?: string } | undefined {
  const body: unknown = error.error;
  if (typeof body !== "object" || body === null) return undefined;
  const inner: unknown = "error" in body && typeof body.error === "object" ? body.error : body;
  if (typeof inner !== "object" || inner === null) return undefined;
  return {
    ...("type" in inner && typeof inner.type === "string" && { type: inner.type }),
    ...("details" in inner && { code: codeIn(inner.details) }),
  };
}

function codeIn(details: unknown): string {
  const has = typeof details === "object" && details !== null && "error_code" in details;
  return has && typeof details.error_code === "string" ? details.error_code : "";
}

/** `retry-after` in seconds or as a date, or the SDK's `retry-after-ms`; undefined when that is no time to wait. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  const value = headers?.get("retry-after");
  if (!value) return undefined;
  const seconds = Number(value);
  // By the server's own clock, which ours may differ from.
  const serverNowMs = Date.parse(headers?.get("date") ?? "") || Date.now();
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - serverNowMs;
  return wait > 0 ? wait : undefined;
}

/** The innermost cause is precise (`ECONNREFUSED …`); the outer ones say "Connection error". */
function rootMessage(error: unknown, hide: Hide): string {
  let inner = error;
  for (let depth = 0; depth < 5 && inner instanceof Error && inner.cause !== undefined; depth++)
    inner = inner.cause;
  const code = inner instanceof Error && "code" in inner ? `${inner.code}` : "";
  const message = hide(messageOf(inner)).trim().replace(/\.$/, "");
  return clip(message.includes(code) ? message : `${code} ${message}`.trim(), 300);
}
