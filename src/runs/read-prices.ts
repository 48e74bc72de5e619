import type { Config } from "../domain/config.ts";
import { messageOf, UsageError } from "../domain/errors.ts";
import { type PriceTable, parsePrices } from "../domain/price.ts";
import { MOST_BYTES, readRegularFile } from "../regular-file.ts";

/** The shipped prices, overridden by PRICES_FILE. */
export async function readPrices({ pricesFile }: Config): Promise<PriceTable> {
  if (!pricesFile) return parsePrices();
  const text = await readRegularFile(pricesFile, MOST_BYTES.settings).catch((error: unknown) => {
    throw new UsageError(`PRICES_FILE cannot be read: ${messageOf(error)}.`);
  });
  try {
    return parsePrices(JSON.parse(text));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`PRICES_FILE is not JSON: ${messageOf(error)}.`);
  }
}
