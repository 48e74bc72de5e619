import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { watchIdle } from "./idle-stop.ts";
import { initialize } from "./initialize.ts";
import { type Location, locationFor, type Programs, programsFor } from "./location.ts";
import { answers, isPostgresAlive, type Postmaster, poll, readPostmaster } from "./postmaster.ts";
import { ownerOf, runProgram } from "./run-as.ts";

export interface ServerOptions {
  /** The home folder; the server's files are in its folder `postgres`. */
  readonly directory: string;
  /** Told in a sentence what takes a moment. */
  readonly onProgress?: (sentence: string) => void;
  /** The server stops itself when no client was connected for this long; default half an hour. */
  readonly idleStopSeconds?: number;
}

const IDLE_STOP_SECONDS = 1800;
/** A crashed server may replay a lot before it is ready. */
const READY_WITHIN_MS = 60_000;
const START_ATTEMPTS = 5;

/**
 * The folder's own Postgres: attached to when it runs, started when not, set up when it is new. Any number of
 * processes may call this at once; there is one server.
 *
 * @returns the address, which holds the password: never log it.
 * @throws UsageError in one sentence when no server can be run here.
 */
export async function ensureServer(options: ServerOptions): Promise<{ url: string }> {
  const found = await locationFor(options.directory);
  await noteUse(found); // First, so that a watch about to stop the server sees it.
  const running = await runningServer(found);
  if (running) return { url: await urlOf(found, running) };
  const { location, programs } = await programsFor(options.directory, found);
  if (!(await ownerOf(location.data))) {
    options.onProgress?.("Setting up Postgres for this folder (once, about a second) …");
    await initialize(location, programs);
    return ensureServer(options);
  }
  await checkVersion(location, programs);
  const started = await start(location, programs, options.idleStopSeconds ?? IDLE_STOP_SECONDS);
  return { url: await urlOf(location, started) };
}

/** The watch sees that the server is used. Where nothing can be written, connections alone say so. */
async function noteUse({ useFile }: Location): Promise<void> {
  await writeFile(useFile, randomUUID(), { mode: 0o644 }).catch(() => undefined);
}

/** A server that answers; one that is starting or recovering is waited for. */
async function runningServer({ data }: Location): Promise<Postmaster | undefined> {
  const first = await readPostmaster(data);
  if (!first || !(await isPostgresAlive(first.pid))) return undefined;
  const outcome = await poll(async () => {
    const now = await readPostmaster(data);
    if (!now || !(await isPostgresAlive(now.pid))) return "gone";
    return now.isReady && (await answers(now.port)) ? now : undefined;
  }, READY_WITHIN_MS);
  return outcome === "gone" ? undefined : outcome;
}

async function urlOf({ passwordFile }: Location, { port }: Postmaster): Promise<string> {
  try {
    const password = await readFile(passwordFile, "utf8");
    return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  } catch (error) {
    throw new UsageError(
      `The password in ${passwordFile} cannot be read (${messageOf(error)}): run as the user who set this folder up, or set DATABASE_URL.`,
    );
  }
}

async function checkVersion({ data, folder }: Location, { binaries }: Programs): Promise<void> {
  const made = (await readFile(join(data, "PG_VERSION"), "utf8").catch(() => "")).trim();
  const ours = binaries.version.split(".")[0];
  if (made === "" || made === ours) return;
  throw new UsageError(
    `The database in ${folder} was made by Postgres ${made}, this is ${ours}: move it away (its threads are then gone), or set DATABASE_URL.`,
  );
}

/** Starts the server, or finds the one that another process has started meanwhile. */
async function start(location: Location, programs: Programs, idleStopSeconds: number): Promise<Postmaster> {
  const pidFile = join(location.data, "postmaster.pid");
  let reason = "";
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    await clearStalePid(location);
    reason = await startOnce(location, programs);
    const started = await runningServer(location);
    if (started) {
      // Whoever started it watches it; a second watch would do no harm.
      if (reason === "")
        watchIdle(programs.as, started.pid, { pidFile, useFile: location.useFile }, idleStopSeconds);
      return started;
    }
  }
  throw new UsageError(
    `Postgres in ${location.folder} does not start: ${await lastWords(location, reason)}.`,
  );
}

/** A crash leaves the file behind; Postgres would not start when its number belongs to another program now. */
async function clearStalePid({ data }: Location): Promise<void> {
  const stale = await readPostmaster(data);
  if (stale && !(await isPostgresAlive(stale.pid))) await rm(join(data, "postmaster.pid"), { force: true });
}

/** @returns why it did not start, or nothing. A port taken in the meantime is one reason; the next try has another. */
async function startOnce({ data }: Location, { as, binaries }: Programs): Promise<string> {
  const port = await freePort();
  const args = ["-D", data, "-l", join(data, "server.log"), "-o", `-p ${port}`, "-w", "-t", "60", "start"];
  try {
    await runProgram(as, join(binaries.folder, "bin", "pg_ctl"), args);
    return "";
  } catch (error) {
    return messageOf(error);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The last line of the log that says what is wrong. */
async function lastWords({ data }: Location, reason: string): Promise<string> {
  const log = await readFile(join(data, "server.log"), "utf8").catch(() => "");
  const lines = log.trim().split("\n").reverse();
  const telling = lines.find((line) => /FATAL|PANIC|ERROR|could not/.test(line));
  return (telling ?? lines[0] ?? reason).replace(/^.*?(FATAL|PANIC|ERROR): */, "").trim() || reason;
}

/**
 * Stops the server in order: clients are disconnected, data are written.
 *
 * @returns whether there was one to stop.
 */
export async function stopServer(directory: string): Promise<boolean> {
  const location = await locationFor(directory);
  const running = await readPostmaster(location.data);
  if (!running || !(await isPostgresAlive(running.pid))) return false;
  const { programs } = await programsFor(directory, location);
  await runProgram(programs.as, join(programs.binaries.folder, "bin", "pg_ctl"), [
    "-D",
    location.data,
    "-m",
    "fast",
    "-w",
    "stop",
  ]);
  return true;
}

/** How the folder's server stands. `absent`: none was ever set up here. */
export interface ServerStatus {
  readonly state: "running" | "stopped" | "absent";
  readonly folder: string;
  readonly pid?: number;
  readonly port?: number;
  readonly version?: string;
}

export async function serverStatus(directory: string): Promise<ServerStatus> {
  const location = await locationFor(directory);
  if (!(await ownerOf(location.data))) return { state: "absent", folder: location.folder };
  const version = (await readFile(join(location.data, "PG_VERSION"), "utf8").catch(() => "")).trim();
  const known = { folder: location.folder, ...(version && { version }) };
  const running = await readPostmaster(location.data);
  if (!running || !(await isPostgresAlive(running.pid))) return { state: "stopped", ...known };
  return { state: "running", pid: running.pid, port: running.port, ...known };
}
