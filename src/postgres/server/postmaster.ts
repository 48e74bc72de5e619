import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a running server wrote into postmaster.pid: line 1 its process, line 4 its port, line 8 how it is. */
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
 * Whether that process is alive and a Postgres. After a crash or a reboot the number may belong to a program
 * that has nothing to do with it; and a killed server stays a zombie until its parent has looked.
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
    return error instanceof Error && "code" in error && error.code === "EPERM"; // Alive, of another user.
  }
}

/** Whether something accepts connections at the port. */
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

/** Asks again until there is an answer or the time is over. Postgres tells nobody when it is ready or gone. */
export async function poll<T>(ask: () => Promise<T | undefined>, forMs: number): Promise<T | undefined> {
  const deadline = performance.now() + forMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined || performance.now() > deadline) return found;
    await sleep(POLL_MS);
  }
}
