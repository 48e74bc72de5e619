import { CacheGate } from "./cache-gate.ts";
import { Governor } from "./governor.ts";
import type { Transport } from "./transport.ts";

/** Who answers with one API key, and what all its calls of this process share. */
export interface Service {
  readonly driver: Transport;
  readonly governor: Governor;
  readonly cacheGate: CacheGate;
}

export function createService(driver: Transport): Service {
  return { driver, governor: new Governor(), cacheGate: new CacheGate() };
}
