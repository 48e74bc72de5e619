import { UsageError } from "./errors.ts";
import type { ModelPrice, PriceTable } from "./price.ts";

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
 * Reads a remap table: `claude-3-5-sonnet-latest=sonnet,gpt-4=opus` says which models stand in for others that
 * agent files name. Names are compared without regard to case.
 */
export function parseModelMap(text: string): { readonly names: ModelAliases } | { readonly problem: string } {
  const names = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [from = "", to = "", ...more] = pair.split("=").map((part) => part.trim());
    if (from === "" || to === "" || more.length > 0) {
      return { problem: "must be pairs like claude-3-5-sonnet-latest=sonnet,gpt-4=opus" };
    }
    const name = from.toLowerCase();
    if (names.has(name)) return { problem: "says of one model twice what it stands for" };
    names.set(name, to);
  }
  return { names: Object.fromEntries(names) };
}

/** Aliases with a remap table laid over them; what it maps to may be an alias itself, as they were before. */
export function withModelMap(aliases: ModelAliases, map: ModelAliases): ModelAliases {
  const mapped = Object.entries(map).map(([from, to]) => [from, idOf(to, aliases)]);
  return { ...aliases, ...Object.fromEntries(mapped) };
}

function idOf(name: string, aliases: ModelAliases): string {
  const key = name.toLowerCase();
  return (Object.hasOwn(aliases, key) && aliases[key]) || name;
}

/**
 * The model behind an alias or a full id. A dated id (`claude-haiku-4-5-20251001`) has the price of its
 * undated one.
 *
 * @param whose - who asks for it, as ` of agent "tester"`, for the error.
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
    `Model "${name}"${whose} ${meant}: use one of ${known}, say in MODEL_MAP what it stands for, or give its price in a file named by PRICES_FILE.`,
  );
}
