import { CallError } from "../calls/call-error.ts";
import { ConnectionLostError, NestedSpawnError, UsageError } from "../domain/errors.ts";

/** Whether the person can mend what is wrong. Exit code 2. */
export function isWrongUse(error: unknown): boolean {
  return error instanceof UsageError || error instanceof NestedSpawnError;
}

/** Whether an error's message is a sentence for people. Anything else is a defect, of ours or of a graph's code. */
export function isExpected(error: unknown): boolean {
  return isWrongUse(error) || error instanceof CallError || error instanceof ConnectionLostError;
}
