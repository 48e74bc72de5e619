import { CacheGate } from "./cache-gate.ts";
import { Governor } from "./governor.ts";
import { ModelLimits } from "./model-limits.ts";
import type { Transport } from "./transport.ts";

/** The server for one API key, and the parts that all its calls in this process share. */
export interface Service {
  readonly driver: Transport;
  readonly governor: Governor;
  readonly cacheGate: CacheGate;
  readonly limits: ModelLimits;
  readonly traits: ServerTraits;
  /** How long a server that does not answer is waited for, before a human is asked. */
  readonly outageMs: number;
}

/** As long as outages of the API usually last. */
const OUTAGE_MS = 10 * 60_000;

/** What a server turned out to be like. Found out once, and remembered as long as this process lives. */
export interface ServerTraits {
  /** It runs requests in the United States only, which costs more. */
  isUsOnly: boolean;
}

export function createService(driver: Transport, outageMs: number = OUTAGE_MS): Service {
  return {
    driver,
    governor: new Governor(),
    cacheGate: new CacheGate(),
    limits: new ModelLimits(driver),
    traits: { isUsOnly: false },
    outageMs,
  };
}
