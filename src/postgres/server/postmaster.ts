import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A running server's entries in postmaster.pid: line 1 is its process, line 4 its port, line 8 its status. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

export async function readPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataFolder, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), isReady: lines[7] === "ready" };
}

/**
 * Whether that process is a living Postgres. After a crash or a reboot the id may belong to another program, and a killed
 * server is a zombie until its parent collects it.
 */
export async function isPostgresAlive(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (status === undefined) return process.platform !== "linux";
  const [, name = "", state = ""] = /^\d+ \((.*)\) (\S)/s.exec(status) ?? [];
  return name.startsWith("postgres") && state !== "Z" && state !== "X";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // Alive, but another user's.
  }
}

/** Whether a program accepts connections at the port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.setTimeout(2000, () => done(false));
  });
}

const POLL_MS = 15;

/** Polls until there is an answer or the time is over, because Postgres does not announce when it is ready or gone. */
export async function poll<T>(ask: () => Promise<T | undefined>, forMs: number): Promise<T | undefined> {
  const deadline = performance.now() + forMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined || performance.now() > deadline) return found;
    await sleep(POLL_MS);
  }
}
