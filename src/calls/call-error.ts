/**
 * Why a Claude call brought no message. `refused`: the request or the key is wrong, so sending it again is
 * pointless. `halted`: the account has come to an end of its money, so sending anything is pointless until a human
 * has seen to it. `later`: trouble on the way (429, 5xx, 529, a lost or stalled connection), which says nothing
 * about the task. `aborted`: we were told to stop.
 */
export type CallErrorKind = "refused" | "halted" | "later" | "aborted";

/** A failed call, classified where it was born. The message is one sentence and never holds the key. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly kind: CallErrorKind;
  /** The HTTP status, when an answer came at all. */
  readonly status: number | undefined;
  /** What the server asked us to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Whether the API may have produced, and billed, output before the call failed. */
  readonly mayBeBilled: boolean;

  constructor(
    message: string,
    options: {
      kind: CallErrorKind;
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      mayBeBilled?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.mayBeBilled = options.mayBeBilled ?? false;
  }
}

/** We were told to stop before anything was sent. */
export function stoppedError(): CallError {
  return new CallError("The call was stopped.", { kind: "aborted" });
}
