import { UsageError } from "./errors.ts";
import type { ModelPrice, PriceTable } from "./prices.ts";

/** Short names people use for models, and the ids they stand for. Configurable: `MODEL_SONNET=…`. */
export type ModelAliases = Readonly<Record<string, string>>;

export const DEFAULT_ALIASES = {
  haiku: "claude-haiku-5-5",
  sonnet: "claude-sonnet-5-5",
  opus: "claude-opus-5-5",
  fable: "claude-fable-5-2",
} as const satisfies ModelAliases;

/** A model whose price is known, so that nothing is ever called at an unknown price. */
export interface Model {
  readonly id: string;
  readonly price: ModelPrice;
}

/**
 * The model behind an alias or a full id. A dated id (`claude-haiku-4-5-20251001`) has the price of its
 * undated one.
 *
 * @throws UsageError for a model without a price.
 */
export function resolveModel(name: string, aliases: ModelAliases, prices: PriceTable): Model {
  const id = (Object.hasOwn(aliases, name.toLowerCase()) && aliases[name.toLowerCase()]) || name;
  const undated = id.replace(/-\d{8}$/, "");
  const key = [id, undated].find((candidate) => Object.hasOwn(prices.models, candidate));
  const price = key === undefined ? undefined : prices.models[key];
  if (price) return { id, price };
  const known = [...Object.keys(aliases), ...Object.keys(prices.models)].join(", ");
  throw new UsageError(
    `Model "${name}" is unknown: use one of ${known}, or give its price in a file named by PRICES_FILE.`,
  );
}
