import { z } from "zod";
import type { Usage } from "../domain/usage.ts";

/** More than any call can use. */
const MOST_COUNTED = 100_000_000;
/** A count that is missing, no whole number or impossible is unknown. */
const count = z.number().int().nonnegative().max(MOST_COUNTED).nullish().catch(undefined);

const countsSchema = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z
    .looseObject({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })
    .nullish()
    .catch(undefined),
});

/** The usage of a message or of a `message_delta`, as it arrives. */
export const usageSchema = countsSchema
  .extend({
    server_tool_use: z.looseObject({ web_search_requests: count }).nullish().catch(undefined),
    inference_geo: z.string().nullish().catch(undefined),
    /** The samplings within one call, where it had several; the counts beside it leave some of them out. */
    iterations: z.array(countsSchema).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);
export type WireUsage = z.infer<typeof usageSchema>;

/** What is known after more has arrived: of two counts the larger, because a later one may be missing, null or zero. */
export function mergedUsage(known: WireUsage, more: WireUsage): WireUsage {
  if (!known || !more) return more ?? known;
  const [before, now] = [known.iterations ?? [], more.iterations ?? []];
  return {
    input_tokens: larger(known.input_tokens, more.input_tokens),
    output_tokens: larger(known.output_tokens, more.output_tokens),
    cache_read_input_tokens: larger(known.cache_read_input_tokens, more.cache_read_input_tokens),
    cache_creation_input_tokens: larger(known.cache_creation_input_tokens, more.cache_creation_input_tokens),
    cache_creation: {
      ephemeral_5m_input_tokens: larger(written(known).for5m, written(more).for5m),
      ephemeral_1h_input_tokens: larger(written(known).for1h, written(more).for1h),
    },
    server_tool_use: { web_search_requests: larger(searches(known), searches(more)) },
    inference_geo: more.inference_geo ?? known.inference_geo,
    iterations: now.length >= before.length ? now : before,
  };
}

type Counts = z.infer<typeof countsSchema>;

function larger(one: number | null | undefined, other: number | null | undefined): number | undefined {
  const counts = [one, other].filter((value) => typeof value === "number");
  return counts.length > 0 ? Math.max(...counts) : undefined;
}

function searches(usage: NonNullable<WireUsage>): number | null | undefined {
  return usage.server_tool_use?.web_search_requests;
}

/** Tokens written to the cache. Without details they are kept for five minutes, the API's default. */
function written({ cache_creation_input_tokens: all, cache_creation: parts }: Counts) {
  const for1h = parts?.ephemeral_1h_input_tokens ?? 0;
  return { for5m: Math.max(parts?.ephemeral_5m_input_tokens ?? 0, (all ?? 0) - for1h), for1h };
}

/** The usage of an answer: its prompt, and its output so far. */
export function usageFrom(usage: NonNullable<WireUsage>): Usage {
  const whole = tokensOf(usage);
  const parts = (usage.iterations ?? []).map(tokensOf);
  const sum = (field: keyof ReturnType<typeof tokensOf>) =>
    Math.max(
      whole[field],
      parts.reduce((total, part) => total + part[field], 0),
    );
  const webSearches = searches(usage);
  return {
    input: sum("input"),
    output: sum("output"),
    cacheRead: sum("cacheRead"),
    cacheWrite5m: sum("cacheWrite5m"),
    cacheWrite1h: sum("cacheWrite1h"),
    ...(webSearches && { webSearches }),
    ...(usage.inference_geo === "us" && { isUsOnly: true }),
  };
}

function tokensOf(counts: Counts) {
  const { for5m, for1h } = written(counts);
  return {
    input: counts.input_tokens ?? 0,
    output: counts.output_tokens ?? 0,
    cacheRead: counts.cache_read_input_tokens ?? 0,
    cacheWrite5m: for5m,
    cacheWrite1h: for1h,
  };
}

/** Tokens of the prompt; 0 means that the server did not count them, because no prompt is empty. */
export function promptTokensOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
