import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { MemoryUse, Origin, Processes } from "./processes.ts";

const run = promisify(execFile);
/** Sessions and environments are not told everywhere. */
const COLUMNS = ["-axo", "pid=,ppid=,pgid=,rss=,stat=,comm="];
/** Bytes of the largest list that is read. */
const LARGEST_LIST = 16 * 1024 * 1024;

/** Processes as `ps` tells of them, where there is no /proc: macOS. Memory is the resident size, mapped files included. */
export function psProcesses(): Processes {
  let table = new Map<number, Origin & MemoryUse>();
  return {
    list: async () => {
      // Where there is no ps either, nothing is watched; process groups are ended all the same.
      const { stdout } = await run("ps", COLUMNS, { maxBuffer: LARGEST_LIST }).catch(() => ({ stdout: "" }));
      table = new Map(stdout.split("\n").flatMap((line) => rowOf(line)));
      return [...table.keys()];
    },
    originOf: (pid) => table.get(pid),
    markOf: () => "none",
    memoryOf: (pid) => table.get(pid),
    exactMbOf: () => undefined,
  };
}

/** A process of the list; none where it has ended and waits to be buried. */
function rowOf(line: string): [number, Origin & MemoryUse][] {
  const row = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
  if (!row) return [];
  const [, pid, parent, group, kilobytes, state = "", command = ""] = row;
  if (state.startsWith("Z")) return [];
  const name = command.slice(command.lastIndexOf("/") + 1);
  const origin = { parent: Number(parent), group: Number(group), session: 0 };
  return [[Number(pid), { ...origin, name, mb: Number(kilobytes) / 1024 }]];
}
