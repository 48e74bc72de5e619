import { UsageError } from "../domain/errors.ts";

/** The refusal of everything that uses an engine after its close. */
export function closedError(): UsageError {
  return new UsageError("This Decurion is closed. Create another one with createDecurion().");
}
