import { createHash } from "node:crypto";

/** What a thought's signature vouches for. */
export interface SignedThought {
  readonly model: string;
  readonly thinking: string;
  /** Answers before the one with this thought. */
  readonly answers: number;
  /** Its place among the blocks of that answer. */
  readonly place: number;
}

/** The signature of a thought: another one when the thought is edited, moved, or shown to another model. */
export function signatureOf({ model, thinking, answers, place }: SignedThought): string {
  return createHash("sha256")
    .update(JSON.stringify([model, thinking, answers, place]))
    .digest("base64");
}
