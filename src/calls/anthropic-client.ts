import Anthropic, { type ClientOptions } from "@anthropic-ai/sdk";
import { fetchBounded } from "./bounded-errors.ts";

/**
 * The SDK's client, quiet and without retries of its own: the caller decides about them. It takes nothing from the
 * environment of the process, which is the host's.
 *
 * @param baseURL - default: Claude's own server.
 */
export function anthropicClient(
  apiKey: string,
  baseURL: string | undefined,
  options: Pick<ClientOptions, "timeout"> = {},
): Anthropic {
  const client = new Anthropic({
    apiKey,
    baseURL: baseURL ?? "https://api.anthropic.com",
    maxRetries: 0,
    logLevel: "off",
    fetch: fetchBounded,
    ...options,
  });
  // The SDK always adds ANTHROPIC_CUSTOM_HEADERS, and has no setting against it.
  Object.assign(Object(Reflect.get(client, "_options")), { defaultHeaders: undefined });
  return client;
}
