import { resolveModel } from "../domain/model.ts";
import { cacheSavingUsd, type PriceTable } from "../domain/price.ts";
import type { CostLine } from "../postgres/claude-calls/totals.ts";

/** What the prompt cache came to. */
export interface CacheReport {
  /** Of all prompt tokens those that were read from the cache, 0 to 1. */
  readonly share: number;
  /** Against paying for all of the prompt as input; negative where writing it cost more than reading saved. */
  readonly savedUsd: number;
}

/** Reads it off the ledger's lines. A model that has no price any more counts as saving nothing. */
export function cacheReport(lines: readonly CostLine[], prices: PriceTable): CacheReport {
  const read = lines.reduce((sum, line) => sum + line.cacheRead, 0);
  const prompt = lines.reduce((sum, line) => sum + line.input + line.cacheRead + line.cacheWrite, 0);
  const savedUsd = lines.reduce((sum, line) => sum + savedBy(line, prices), 0);
  return { share: prompt === 0 ? 0 : read / prompt, savedUsd };
}

/** By the calls' mean, because a model's price may depend on the length of each call's prompt. */
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
