import type { Usage } from "../domain/usage.ts";

/**
 * Why a Claude call returned no message. `refused`: the request or the key is invalid, so a retry is pointless. `halted`:
 * the account has no money left, so every call is pointless until a human fixes that. `outage`: no
 * call was answered for as long as an outage is waited out. `later`: a temporary failure (429,
 * 5xx, 529, a lost or stalled connection), unrelated to the task. `aborted`: the run was stopped.
 */
export type CallErrorKind = "refused" | "halted" | "outage" | "later" | "aborted";

/** A failed call, classified where it fails. The message is one sentence and never contains the key. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly kind: CallErrorKind;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** The wait that the server asked for, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Whether the API may have produced, and billed, output before the call failed. */
  readonly mayBeBilled: boolean;
  /** What the call had used when it failed, its output as the most that it can be; undefined when unknown. */
  readonly used: Usage | undefined;

  constructor(
    message: string,
    options: {
      kind: CallErrorKind;
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      mayBeBilled?: boolean;
      used?: Usage | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.mayBeBilled = options.mayBeBilled ?? false;
    this.used = options.used;
  }
}

/** An answer beyond the bounds of every real one: asking again would pay for it again. */
export function outOfBounds(what: string): CallError {
  return new CallError(`Claude's server sent ${what}: the answer was thrown away.`, {
    kind: "refused",
    mayBeBilled: true,
  });
}

/** The run was stopped before anything was sent. */
export function stoppedError(): CallError {
  return new CallError("The call was stopped.", { kind: "aborted" });
}
