import { NotFoundError } from "@anthropic-ai/sdk";
import { hiding } from "../domain/secrets.ts";
import { anthropicClient } from "./anthropic-client.ts";
import { toCallError } from "./classify-error.ts";

const TIMEOUT_MS = 15_000;

/** Whether a server accepts a key: `unknown` when it has no list of models, `refused` also when no server answers. */
export type KeyState =
  | { readonly kind: "accepted" }
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly why: string };

/** Asks for the list of models, which is free. No message contains the key. */
export async function checkKey(apiKey: string, baseUrl: string | undefined): Promise<KeyState> {
  const client = anthropicClient(apiKey, baseUrl, { timeout: TIMEOUT_MS });
  try {
    await client.models.list({ limit: 1 });
    return { kind: "accepted" };
  } catch (error) {
    if (error instanceof NotFoundError) return { kind: "unknown" };
    const signal = new AbortController().signal;
    const call = { signal, isIdle: false, idleMs: TIMEOUT_MS, hasStarted: false, hide: hiding([apiKey]) };
    return { kind: "refused", why: toCallError(error, call).message };
  }
}
