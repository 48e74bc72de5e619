import { CacheGate } from "./cache-gate.ts";
import type { Driver } from "./driver.ts";
import { Governor } from "./governor.ts";

/** Who answers with one API key, and what all its calls of this process share. */
export interface Service {
  readonly driver: Driver;
  readonly governor: Governor;
  readonly cacheGate: CacheGate;
}

export function createService(driver: Driver): Service {
  return { driver, governor: new Governor(), cacheGate: new CacheGate() };
}
