import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { promisify } from "node:util";

const MB = 1024 * 1024;
const run = promisify(execFile);

/**
 * Memory in MB for a new process: what is free, and what the system frees on demand. Within the limit of this process's
 * control group, where there is one.
 */
export async function availableMemoryMb(): Promise<number> {
  if (process.platform === "darwin") {
    const { stdout } = await run("vm_stat").catch(() => ({ stdout: "" }));
    return Math.max(process.availableMemory() / MB, reclaimableMbOf(stdout));
  }
  const availableMb = process.availableMemory() / MB;
  // Node counts cached files against the group's limit, but the system drops them when it needs room.
  return process.constrainedMemory() < totalmem() ? availableMb + (await cachedFilesMb()) : availableMb;
}

/** Reads the output of macOS's `vm_stat`. The free pages alone are always few there. */
export function reclaimableMbOf(text: string): number {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? 0);
  const pagesOf = (kind: string) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, "m").exec(text)?.[1] ?? 0);
  const pages = ["free", "inactive", "speculative", "purgeable"].map(pagesOf);
  return (pages.reduce((sum, count) => sum + count, 0) * pageBytes) / MB;
}

/** Cached files of this process's control group that were not used for a while. */
async function cachedFilesMb(): Promise<number> {
  const own = await readFile("/proc/self/cgroup", "utf8").catch(() => "");
  const path = /^0::(.*)$/m.exec(own)?.[1] ?? "/";
  const read = (folder: string) => readFile(`/sys/fs/cgroup${folder}/memory.stat`, "utf8");
  const text = await read(path).catch(() => read("").catch(() => ""));
  return Number(/^inactive_file (\d+)$/m.exec(text)?.[1] ?? 0) / MB;
}
