import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
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
  /** Called with a sentence when a step takes some time. */
  readonly onProgress?: (sentence: string) => void;
  /** The server stops after this time without a client; half an hour by default. */
  readonly idleStopSeconds?: number;
}

/** As `w`, but never through a link. */
const FOLLOWING_NO_LINK =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
const IDLE_STOP_SECONDS = 1800;
/** After a crash the server may replay a lot before it is ready. */
const READY_WITHIN_MS = 60_000;
const START_ATTEMPTS = 5;

/**
 * Attaches to the folder's own Postgres. Starts it when it does not run, and sets it up when it is new. Any number of
 * processes may call this in parallel; there is only one server.
 *
 * @returns the address with the password: never log it.
 * @throws UsageError in one sentence when no server can run here.
 */
export async function ensureServer(options: ServerOptions): Promise<{ url: string }> {
  const found = await locationFor(options.directory);
  await noteUse(found); // First, so that a watch that is about to stop the server sees it.
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

/** The address of the folder's server, if it runs: each start gives it another port. Starts nothing. */
export async function runningUrl(directory: string): Promise<string | undefined> {
  const location = await locationFor(directory);
  const running = await readPostmaster(location.data);
  if (!running?.isReady || !(await isPostgresAlive(running.pid))) return undefined;
  return urlOf(location, running);
}

/** Shows the watch that the server is in use. When the file is not writable, only connections show it. */
async function noteUse({ useFile }: Location): Promise<void> {
  await writeFile(useFile, randomUUID(), { mode: 0o644, flag: FOLLOWING_NO_LINK }).catch(() => undefined);
}

/** The running server. Waits while it starts or recovers. */
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
      `The password in ${passwordFile} is not readable (${messageOf(error)}). Run as the user who set up this folder, or set DATABASE_URL.`,
    );
  }
}

async function checkVersion({ data, folder }: Location, { binaries }: Programs): Promise<void> {
  const made = (await readFile(join(data, "PG_VERSION"), "utf8").catch(() => "")).trim();
  const ours = binaries.version.split(".")[0];
  if (made === "" || made === ours) return;
  throw new UsageError(
    `The database in ${folder} belongs to Postgres ${made}, but this is ${ours}. Move it away (with all its threads), or set DATABASE_URL.`,
  );
}

/** Starts the server, or finds the one that another process started meanwhile. */
async function start(location: Location, programs: Programs, idleStopSeconds: number): Promise<Postmaster> {
  const pidFile = join(location.data, "postmaster.pid");
  let reason = "";
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    await clearStalePid(location);
    reason = await startOnce(location, programs);
    const started = await runningServer(location);
    if (started) {
      // The process that started it has also started its watch.
      if (reason === "")
        watchIdle(programs.as, started.pid, { pidFile, useFile: location.useFile }, idleStopSeconds);
      return started;
    }
  }
  throw new UsageError(
    `Postgres in ${location.folder} does not start: ${await lastWords(location, reason)}.`,
  );
}

/** A crash leaves the file behind. Postgres would not start if another program has its process id now. */
async function clearStalePid({ data }: Location): Promise<void> {
  const stale = await readPostmaster(data);
  if (stale && !(await isPostgresAlive(stale.pid))) await rm(join(data, "postmaster.pid"), { force: true });
}

/** @returns why it did not start, or undefined. If another program took the port, the next try uses another port. */
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

/** The log's last line about an error. */
async function lastWords({ data }: Location, reason: string): Promise<string> {
  const log = await readFile(join(data, "server.log"), "utf8").catch(() => "");
  const lines = log.trim().split("\n").reverse();
  const telling = lines.find((line) => /FATAL|PANIC|ERROR|could not/.test(line));
  return (telling ?? lines[0] ?? reason).replace(/^.*?(FATAL|PANIC|ERROR): */, "").trim() || reason;
}

/**
 * Stops the server in order: disconnects clients and writes all data.
 *
 * @returns whether a server was running.
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

/** The state of the folder's server. `absent`: it was never set up. */
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
