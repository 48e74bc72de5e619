import type { DriverDescriptor } from "../attempts/driver.ts";
import type { Config } from "../domain/config.ts";
import { DRIVERS } from "../drivers/drivers.ts";
import { openSessionLocks } from "../postgres/session-locks.ts";
import { Slots } from "../postgres/slots.ts";
import { cancelChannel } from "../postgres/threads/cancel.ts";
import { MemoryGate } from "../processes/memory-gate.ts";
import { startSimulator } from "../simulator/server.ts";
import { Claims } from "./claims.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { Folders } from "./folders.ts";
import { openConfiguredDatabase } from "./open-database.ts";
import { readPrices } from "./read-prices.ts";

/** The speed of the bundled simulator: fast enough to try Decurion, slow enough to watch the progress. */
const SIMULATED_LATENCY_MS = 200;
const SIMULATED_MS_PER_TOKEN = 1;

/**
 * Opens the database and everything else that a process needs to run threads. Without DATABASE_URL it starts this folder's
 * own server.
 *
 * @param onProgress - receives a sentence when a step takes some time, and about trouble of the database.
 * @param moreDrivers - drivers besides the built-in ones.
 * @param server - the id of the server that this process is.
 * @throws UsageError when the configuration is wrong.
 */
export async function openEngine(
  config: Config,
  folders: Folders,
  onProgress: (sentence: string) => void,
  moreDrivers: readonly DriverDescriptor[] = [],
  server?: string,
): Promise<Engine> {
  const prices = await readPrices(config);
  const database = await openConfiguredDatabase(config, folders, onProgress);
  const locks = await openSessionLocks(database, {
    onTaken: (threadId) => claims.giveUp(threadId),
    onCancelled: (threadId) => claims.cancel(threadId),
  }).catch((error: unknown) => closing(database, error));
  const claims = new Claims(locks);
  const simulator = () =>
    startSimulator({ latencyMs: SIMULATED_LATENCY_MS, msPerToken: SIMULATED_MS_PER_TOKEN });
  const engine = createEngine({
    config,
    folders,
    prices,
    database,
    locks,
    claims,
    slots: new Slots(locks),
    memoryGate: new MemoryGate(),
    startSimulator: simulator,
    server,
    drivers: [...DRIVERS, ...moreDrivers],
  });
  await locks
    .listen(cancelChannel(database.schema), (threadId) => claims.cancel(threadId))
    .catch((error: unknown) => closing(engine, error));
  return engine;
}

/** Closes what is open already when the rest cannot be opened, and throws that error on. */
async function closing(opened: { close(): Promise<void> }, error: unknown): Promise<never> {
  await opened.close().catch(() => undefined); // The error that is thrown says why.
  throw error;
}
