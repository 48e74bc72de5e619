import { resolveModel } from "../domain/model.ts";
import { cacheSavingUsd, type PriceTable } from "../domain/price.ts";
import type { CostLine } from "../postgres/claude-calls/totals.ts";

/** The effect of the prompt cache. */
export interface CacheReport {
  /** The share of prompt tokens that were read from the cache, 0 to 1. */
  readonly share: number;
  /** Compared with a prompt of input tokens only; negative when writes cost more than reads saved. */
  readonly savedUsd: number;
}

/** Computes the report from the ledger. A model without a price counts as no saving. */
export function cacheReport(lines: readonly CostLine[], prices: PriceTable): CacheReport {
  const read = lines.reduce((sum, line) => sum + line.cacheRead, 0);
  const prompt = lines.reduce((sum, line) => sum + line.input + line.cacheRead + line.cacheWrite, 0);
  const savedUsd = lines.reduce((sum, line) => sum + savedBy(line, prices), 0);
  return { share: prompt === 0 ? 0 : read / prompt, savedUsd };
}

/** Uses the mean call, because a model's price may depend on the prompt's length. */
function savedBy({ model, calls, input, cacheRead, cacheWrite }: CostLine, prices: PriceTable): number {
  if (calls === 0 || cacheRead + cacheWrite === 0) return 0;
  const mean = {
    input: input / calls,
    output: 0,
    cacheRead: cacheRead / calls,
    cacheWrite5m: cacheWrite / calls,
    cacheWrite1h: 0,
  };
  try {
    return cacheSavingUsd(resolveModel(model, {}, prices).price, mean) * calls;
  } catch {
    return 0;
  }
}
