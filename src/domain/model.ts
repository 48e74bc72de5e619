import { UsageError } from "./errors.ts";
import type { ModelPrice, PriceTable } from "./price.ts";

/** Model ids by alias. Configurable: `MODEL_SONNET=…`. */
export type ModelAliases = Readonly<Record<string, string>>;

export const DEFAULT_ALIASES = {
  haiku: "claude-haiku-5-5",
  sonnet: "claude-sonnet-5-5",
  opus: "claude-opus-5-5",
  fable: "claude-fable-5-2",
} as const satisfies ModelAliases;

/** A model with its price: no call is made at an unknown price. */
export interface Model {
  readonly id: string;
  readonly price: ModelPrice;
}

/**
 * Parses MODEL_MAP: `claude-3-5-sonnet-latest=sonnet,gpt-4=opus` replaces models that agent files name. Case does not matter.
 */
export function parseModelMap(text: string): { readonly names: ModelAliases } | { readonly problem: string } {
  const names = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [from = "", to = "", ...more] = pair.split("=").map((part) => part.trim());
    if (from === "" || to === "" || more.length > 0) {
      return { problem: "must be pairs like claude-3-5-sonnet-latest=sonnet,gpt-4=opus" };
    }
    const name = from.toLowerCase();
    if (names.has(name)) return { problem: "maps one model twice" };
    names.set(name, to);
  }
  return { names: Object.fromEntries(names) };
}

/** The aliases with those of a model map. The map's targets may be aliases. */
export function withModelMap(aliases: ModelAliases, map: ModelAliases): ModelAliases {
  const mapped = Object.entries(map).map(([from, to]) => [from, idOf(to, aliases)]);
  return { ...aliases, ...Object.fromEntries(mapped) };
}

function idOf(name: string, aliases: ModelAliases): string {
  const key = name.toLowerCase();
  return (Object.hasOwn(aliases, key) && aliases[key]) || name;
}

/**
 * The model for an alias or a full id. A dated id (`claude-haiku-4-5-20251001`) has the price of the undated id.
 *
 * @param whose - for the error, for example ` of agent "tester"`.
 * @throws UsageError for a model without a price.
 */
export function resolveModel(name: string, aliases: ModelAliases, prices: PriceTable, whose = ""): Model {
  const id = idOf(name, aliases);
  const undated = id.replace(/-\d{8}$/, "");
  const key = [id, undated].find((candidate) => Object.hasOwn(prices.models, candidate));
  const price = key === undefined ? undefined : prices.models[key];
  if (price) return { id, price };
  const known = [...Object.keys(aliases), ...Object.keys(prices.models)].join(", ");
  const meant = id === name ? "is unknown" : `stands for "${id}", which is unknown`;
  throw new UsageError(
    `Model "${name}"${whose} ${meant}: use one of ${known}, map it to one of them in MODEL_MAP, or add its price to the file in PRICES_FILE.`,
  );
}
