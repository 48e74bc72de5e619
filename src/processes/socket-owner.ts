import { readdir, readFile, readlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { agentAbove } from "./agent-above.ts";
import { linuxProcesses } from "./linux-processes.ts";

/** The other end of a connection on this machine. */
export interface SocketOwner {
  readonly uid: number;
  /** Whether one of these processes holds it. */
  isHeldBy(pids: readonly number[]): Promise<boolean>;
}

/**
 * Whether an agent's process holds the other end of a connection from this machine. False where the system does not tell.
 */
export async function isFromAgent(socket: Pick<Socket, "remotePort" | "localPort">): Promise<boolean> {
  const owner = await ownerOf(socket);
  if (!owner) return false;
  for (const pid of await linuxProcesses.list()) {
    if (await owner.isHeldBy([pid])) return agentAbove(pid) !== undefined;
  }
  return false;
}

/** Local and remote address, state, queues, timers, retransmits, user and inode of a connection, in `/proc/net/tcp`. */
const ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) \S+ \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+)/;

/**
 * Who holds the other end of a connection from this machine. Undefined where the system does not tell, and for a connection
 * from elsewhere.
 */
export async function ownerOf({
  remotePort,
  localPort,
}: Pick<Socket, "remotePort" | "localPort">): Promise<SocketOwner | undefined> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  for (const line of tables.join("\n").split("\n")) {
    const [, local = "", remote = "", uid = "", inode = "0"] = ROW.exec(line) ?? [];
    if (Number.parseInt(local, 16) !== remotePort || Number.parseInt(remote, 16) !== localPort) continue;
    return { uid: Number(uid), isHeldBy: (pids) => isHeldBy(pids, `socket:[${inode}]`) };
  }
  return undefined;
}

async function isHeldBy(pids: readonly number[], socket: string): Promise<boolean> {
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    const names = await readdir(folder).catch(() => []); // It has ended, or is another user's.
    for (const name of names) {
      if ((await readlink(`${folder}/${name}`).catch(() => "")) === socket) return true;
    }
  }
  return false;
}
