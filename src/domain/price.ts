import { z } from "zod";
import { UsageError } from "./errors.ts";
import shippedPrices from "./prices.json" with { type: "json" };
import type { Usage } from "./usage.ts";

const rateSchema = z.object({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheWrite5m: z.number().nonnegative(),
  cacheWrite1h: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
});
/** USD per million tokens. */
type Rate = z.infer<typeof rateSchema>;

/** USD for each use of the API's server tools, and the factor of a region. A price table sets them for all models; a model may override them. */
const fees = {
  webSearchUsdEach: z.number().nonnegative().optional(),
  codeRunUsdEach: z.number().nonnegative().optional(),
  /** The factor of all tokens of a request that runs in the United States only. */
  inferenceGeoUsMultiplier: z.number().positive().optional(),
};
const limits = {
  contextWindow: z.number().int().positive(),
  maxOutput: z.number().int().positive(),
  ...fees,
};
const flatSchema = rateSchema.extend(limits);
const bandedSchema = z.object({
  bands: z.array(rateSchema.extend({ upToPromptTokens: z.number().int().positive().optional() })).min(1),
  ...limits,
});
export const modelPriceSchema = z.union([bandedSchema, flatSchema]);
/** A model's price, flat or in bands by prompt length, and its limits in tokens. */
export type ModelPrice = z.infer<typeof modelPriceSchema>;

const tableSchema = z.object({ asOf: z.string(), models: z.record(z.string(), modelPriceSchema), ...fees });
/** List prices with their date. A prices file can replace or add models. */
export interface PriceTable {
  readonly asOf: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/** The shipped prices, overridden by `extra`, the parsed content of a prices file. */
export function parsePrices(extra?: unknown): PriceTable {
  const shipped = tableSchema.parse(shippedPrices);
  if (extra === undefined) return withFees(shipped);
  const parsed = tableSchema.partial({ asOf: true }).safeParse(extra);
  if (!parsed.success) throw new UsageError(`The prices file is not valid: ${z.prettifyError(parsed.error)}`);
  const { asOf = shipped.asOf, models, ...ownFees } = parsed.data;
  return withFees({ ...shipped, ...ownFees, asOf, models: { ...shipped.models, ...models } });
}

/** Gives each model the table's fees, except where it has its own. */
function withFees({ asOf, models, ...common }: z.infer<typeof tableSchema>): PriceTable {
  const priced = Object.entries(models).map(([id, price]) => [id, { ...common, ...price }] as const);
  return { asOf, models: Object.fromEntries(priced) };
}

/**
 * The cost of a call in USD. With price bands, the prompt's length (input, cache reads and cache writes together) decides
 * the band of the whole call, output included.
 */
export function costUsd(price: ModelPrice, usage: Usage): number {
  const rate = rateFor(price, usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h);
  const perMillion =
    usage.input * rate.input +
    usage.output * rate.output +
    usage.cacheRead * rate.cacheRead +
    usage.cacheWrite5m * rate.cacheWrite5m +
    usage.cacheWrite1h * rate.cacheWrite1h;
  return (perMillion / 1_000_000) * regionFactor(price, usage) + feesUsd(price, usage);
}

function regionFactor(
  { inferenceGeoUsMultiplier = 1 }: ModelPrice,
  { isUsOnly = false }: Pick<Usage, "isUsOnly">,
): number {
  return isUsOnly ? inferenceGeoUsMultiplier : 1;
}

function feesUsd(
  { webSearchUsdEach, codeRunUsdEach }: ModelPrice,
  { webSearches = 0, codeRuns = 0 }: Pick<Usage, "webSearches" | "codeRuns">,
): number {
  return webSearches * (webSearchUsdEach ?? 0) + codeRuns * (codeRunUsdEach ?? 0);
}

/** The saving by the prompt cache in USD, compared with a prompt of input tokens only; negative when it cost more. */
export function cacheSavingUsd(price: ModelPrice, usage: Usage): number {
  const { cacheRead, cacheWrite5m, cacheWrite1h } = usage;
  const withoutCache = { ...usage, input: usage.input + cacheRead + cacheWrite5m + cacheWrite1h };
  return (
    costUsd(price, { ...withoutCache, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }) -
    costUsd(price, usage)
  );
}

function rateFor(price: ModelPrice, promptTokens: number): Rate {
  if (!("bands" in price)) return price;
  const band = price.bands.find((b) => promptTokens <= (b.upToPromptTokens ?? Number.POSITIVE_INFINITY));
  const rate = band ?? price.bands.at(-1);
  if (!rate) throw new UsageError("The prices file has a model without bands; give it at least one.");
  return rate;
}

/** The limits of one call's work in the API: its server tools, and where it runs. */
export interface ServerWork {
  /** The most tool uses, each followed by more output of the model. */
  readonly uses: number;
  /** The most prompt tokens of all their results. */
  readonly tokens: number;
  readonly webSearches: number;
  readonly codeRuns: number;
  /** Whether the server is known to run requests in the United States only. */
  readonly isUsOnly?: boolean;
}

const NO_SERVER_WORK: ServerWork = { uses: 0, tokens: 0, webSearches: 0, codeRuns: 0 };

/** The most that a call can cost in USD: for all but its output, and for each output token, thinking included. */
export interface WorstCase {
  readonly promptUsd: number;
  readonly tokenUsd: number;
}

/**
 * The most a call can cost: the whole prompt written to the cache (for five minutes, the only duration we use), and its
 * output. After each use of a server tool the API reads the whole prompt from the cache again.
 */
export function worstCasePrice(
  price: ModelPrice,
  promptTokens: number,
  work: ServerWork = NO_SERVER_WORK,
): WorstCase {
  const written = promptTokens + work.tokens;
  const read = work.uses * written;
  const rate = rateFor(price, written + read);
  const dearest = Math.max(rate.input, rate.cacheWrite5m);
  const factor = regionFactor(price, work) / 1_000_000;
  const promptUsd = (written * dearest + read * rate.cacheRead) * factor + feesUsd(price, work);
  return { promptUsd, tokenUsd: rate.output * factor };
}

/** The most a call can cost in USD with `maxTokens` of output. */
export function worstCaseUsd(
  price: ModelPrice,
  promptTokens: number,
  maxTokens: number,
  work: ServerWork = NO_SERVER_WORK,
): number {
  return upToUsd(worstCasePrice(price, promptTokens, work), maxTokens);
}

/** The most that a call costs with so many tokens of output. */
export function upToUsd({ promptUsd, tokenUsd }: WorstCase, tokens: number): number {
  return promptUsd + tokens * tokenUsd;
}
