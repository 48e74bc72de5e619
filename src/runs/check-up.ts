import { stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { checkKey } from "../calls/check-key.ts";
import type { Config } from "../domain/config.ts";
import { messageOf } from "../domain/errors.ts";
import type { Finding } from "../domain/finding.ts";
import { DRIVERS } from "../drivers/drivers.ts";
import { checkDatabase } from "../postgres/check-database.ts";
import { findBinaries } from "../postgres/server/binaries.ts";
import { ensureServer, serverStatus } from "../postgres/server/ensure-server.ts";
import { availableMemoryMb } from "../processes/available-memory.ts";
import { openScope } from "./agent-scope.ts";
import { sandboxOf } from "./confinement.ts";
import { judgeDisk, judgeMemory, judgeNode, judgePackages, judgeSandbox, judgeScratch } from "./findings.ts";
import type { Folders } from "./folders.ts";
import { packageFolder, readManifest, readOwnManifest } from "./own-manifest.ts";
import { readPrices } from "./read-prices.ts";

/**
 * Checks everything that Decurion needs on this machine. Starts and changes nothing, and spends no money.
 *
 * @param isOnline - whether to ask Claude's server if it accepts the key, at no cost.
 */
export async function checkUp(config: Config, folders: Folders, isOnline: boolean): Promise<Finding[]> {
  const home = resolve(folders.project, config.home);
  const findings: (Finding | Finding[])[] = await Promise.all([
    judgeNode(process.versions.node),
    packages(folders.package),
    ...DRIVERS.flatMap((driver) => driver.checkUp?.({ config, folders }) ?? []),
    memory(config),
    sandbox(config),
    scratch("/dev/shm"),
    scratch(tmpdir()),
    disk(folders.project),
    ...(config.databaseUrl === undefined ? [ownDisk(home, folders.project)] : []),
    config.databaseUrl === undefined ? ownDatabase(config, home) : database(config.databaseUrl, config),
    key(config, isOnline),
    agents(config, folders),
  ]);
  return findings.flat();
}

/** One for the locks, and at least one for the rest. */
const CONNECTIONS_OF_A_RUN = 2;

/** Packages with one tested version, and peer packages of the project. */
async function packages(own: string): Promise<Finding> {
  const { dependencies, peerDependencies, peerDependenciesMeta } = await readOwnManifest(own);
  const pinned = Object.entries(dependencies).filter(([, range]) => /^\d/.test(range));
  const brought = Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional);
  const found = [...pinned, ...brought].map(async ([name, wanted]) => {
    const folder = packageFolder(own, name);
    const manifest = folder === undefined ? undefined : await readManifest(folder);
    return { name, wanted, installed: manifest?.version };
  });
  return judgePackages(await Promise.all(found));
}

async function memory({ agentMemoryMb, parallel }: Config): Promise<Finding> {
  return judgeMemory(await availableMemoryMb(), agentMemoryMb, parallel);
}

async function sandbox(config: Config): Promise<Finding> {
  return judgeSandbox(await sandboxOf(config));
}

async function scratch(path: string): Promise<Finding> {
  const found = await statfs(path).catch(() => undefined);
  if (!found) return judgeScratch(path, undefined, 0);
  return judgeScratch(path, found.blocks * found.bsize, found.bavail * found.bsize);
}

async function disk(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  return judgeDisk(path, bavail * bsize);
}

/** The folder's own server may have its files elsewhere: see `locationFor`. It is no finding where that is the same disk. */
async function ownDisk(home: string, project: string): Promise<Finding[]> {
  const { folder } = await serverStatus(home);
  const place = await stat(folder).catch(() => undefined);
  if (!place || place.dev === (await stat(project)).dev) return [];
  return [await disk(folder)];
}

async function database(url: string, { databaseSchema }: Config): Promise<Finding> {
  const state = await checkDatabase(url, databaseSchema);
  if (!state.isUsable) {
    return { topic: "Postgres", level: "broken", says: state.why, fix: "correct DATABASE_URL, or remove it" };
  }
  const { version, migrations, sizeBytes, connectionsLeft } = state;
  if (connectionsLeft < CONNECTIONS_OF_A_RUN) {
    const fix = "stop other clients, or raise max_connections";
    return { topic: "Postgres", level: "doubtful", says: `${connectionsLeft} connections left`, fix };
  }
  const schema = migrations === 0 ? "is created at the first use" : `has ${migrations} migrations`;
  const size = `${(sizeBytes / 1024 / 1024).toFixed(0)} MB`;
  return {
    topic: "Postgres",
    level: "fine",
    says: `${version}, ${size}; schema "${databaseSchema}" ${schema}`,
  };
}

/** Checks the folder's own server if it runs, else whether it can start. */
async function ownDatabase(config: Config, directory: string): Promise<Finding> {
  try {
    const { state } = await serverStatus(directory);
    if (state === "running") return await database((await ensureServer({ directory })).url, config);
    const { version } = await findBinaries();
    return {
      topic: "Postgres",
      level: "fine",
      says: `${version}, this folder's own server, started when it is needed`,
    };
  } catch (error) {
    const fix = "set DATABASE_URL to a Postgres 14 or newer";
    return { topic: "Postgres", level: "broken", says: messageOf(error), fix };
  }
}

async function key({ apiKey, baseUrl }: Config, isOnline: boolean): Promise<Finding> {
  const topic = "API key";
  if (apiKey === undefined) {
    const fix = "set ANTHROPIC_API_KEY in .env for real answers";
    return { topic, level: "doubtful", says: "none: the answers are simulated", fix };
  }
  if (!isOnline) return { topic, level: "fine", says: "set; --online checks whether it is accepted" };
  const state = await checkKey(apiKey, baseUrl);
  if (state.kind === "accepted") return { topic, level: "fine", says: "set and accepted" };
  if (state.kind === "unknown") {
    return { topic, level: "doubtful", says: "set; the server does not say whether it is accepted" };
  }
  return { topic, level: "broken", says: state.why, fix: "check ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL" };
}

async function agents(config: Config, folders: Folders): Promise<Finding> {
  try {
    const parts = { config, folders, prices: await readPrices(config), drivers: DRIVERS };
    const { scope } = await openScope(parts, {});
    const { loaded, errors } = scope.agents.report;
    const says = `${loaded} loaded`;
    const [first] = errors;
    if (!first) return { topic: "agents", level: "fine", says };
    const fix = `correct ${first.file}: ${first.reason}`;
    return { topic: "agents", level: "doubtful", says: `${says}, ${errors.length} with errors`, fix };
  } catch (error) {
    return { topic: "agents", level: "broken", says: messageOf(error), fix: "correct this" };
  }
}
