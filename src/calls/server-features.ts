import { APIError } from "@anthropic-ai/sdk";
import { serverWords } from "./server-words.ts";

/** What not every server of the Messages API offers. A call works without it. */
export type Feature = "format" | "cache" | "count";

const NEWS: Readonly<Record<Feature, string>> = {
  format: "This server has no structured output: agents are asked for JSON in words.",
  cache: "This server has no prompt cache: prompts are sent without marks for it.",
  count: "This server counts no tokens: the budget reserves by the length of the prompt.",
};

/** The features that a server turned out to lack, found out once in a process and said once. */
export class MissingFeatures {
  readonly #missing = new Set<Feature>();

  /** What is missing by now. */
  get all(): ReadonlySet<Feature> {
    return new Set(this.#missing);
  }

  add(feature: Feature, onNote: ((note: string) => void) | undefined): void {
    if (this.#missing.has(feature)) return;
    this.#missing.add(feature);
    onNote?.(NEWS[feature]);
  }
}

const FIELDS: readonly (readonly [Feature, RegExp])[] = [
  ["format", /output_config|output_format/],
  ["cache", /cache_control/],
];
const REFUSED =
  /extra inputs|not (permitted|supported|allowed)|does not support|un(known|recognized|supported|expected)/i;

/** The feature for which a server refused a request. */
export function refusedFeature(error: unknown): Feature | undefined {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined;
  const words = serverWords(error.error ?? error.message);
  if (!REFUSED.test(words)) return undefined;
  return FIELDS.find(([, field]) => field.test(words))?.[0];
}

/** The most output tokens that a server allows, if it refused a request for more: "max_tokens: 128000 > 64000, …". */
export function allowedTokens(error: unknown): number | undefined {
  if (!(error instanceof APIError) || error.status !== 400) return undefined;
  const [, allowed] = /max_tokens\D*\d+ > (\d+)/.exec(serverWords(error.error ?? error.message)) ?? [];
  return Number(allowed) > 0 ? Number(allowed) : undefined;
}

/** Whether a server has no such address: it counts no tokens. */
export function hasNoCount(error: unknown): boolean {
  return error instanceof APIError && [404, 405, 501].includes(error.status ?? 0);
}
