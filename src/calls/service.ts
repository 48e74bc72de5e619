import { CacheGate } from "./cache-gate.ts";
import { Governor } from "./governor.ts";
import type { Transport } from "./transport.ts";

/** The server for one API key, and the parts that all its calls in this process share. */
export interface Service {
  readonly driver: Transport;
  readonly governor: Governor;
  readonly cacheGate: CacheGate;
}

export function createService(driver: Transport): Service {
  return { driver, governor: new Governor(), cacheGate: new CacheGate() };
}
