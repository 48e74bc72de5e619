import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { promisify } from "node:util";

const MB = 1024 * 1024;
const run = promisify(execFile);

/**
 * Memory in MB that a new process could have: free, or given back by the system as soon as somebody wants it; within the
 * limit of this process's control group where there is one.
 */
export async function availableMemoryMb(): Promise<number> {
  if (process.platform === "darwin") {
    const { stdout } = await run("vm_stat").catch(() => ({ stdout: "" }));
    return Math.max(process.availableMemory() / MB, reclaimableMbOf(stdout));
  }
  const availableMb = process.availableMemory() / MB;
  // Of a group's limit the node counts files in memory as taken, which the system drops when it needs room.
  return process.constrainedMemory() < totalmem() ? availableMb + (await cachedFilesMb()) : availableMb;
}

/** What `vm_stat` of macOS tells; there the free pages alone are never many. */
export function reclaimableMbOf(text: string): number {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? 0);
  const pagesOf = (kind: string) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, "m").exec(text)?.[1] ?? 0);
  const pages = ["free", "inactive", "speculative", "purgeable"].map(pagesOf);
  return (pages.reduce((sum, count) => sum + count, 0) * pageBytes) / MB;
}

/** Files in memory of this process's control group which nobody has used for a while. */
async function cachedFilesMb(): Promise<number> {
  const own = await readFile("/proc/self/cgroup", "utf8").catch(() => "");
  const path = /^0::(.*)$/m.exec(own)?.[1] ?? "/";
  const read = (folder: string) => readFile(`/sys/fs/cgroup${folder}/memory.stat`, "utf8");
  const text = await read(path).catch(() => read("").catch(() => ""));
  return Number(/^inactive_file (\d+)$/m.exec(text)?.[1] ?? 0) / MB;
}
