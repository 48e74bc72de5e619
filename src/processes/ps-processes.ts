import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { MemoryUse, Origin, Processes } from "./processes.ts";

const run = promisify(execFile);
/** Not every `ps` shows sessions and environments. */
const COLUMNS = ["-axo", "pid=,ppid=,pgid=,rss=,stat=,comm="];
/** The largest list, in bytes. */
const LARGEST_LIST = 16 * 1024 * 1024;

/** Processes as `ps` lists them, for systems without /proc (macOS). Memory is the resident size, mapped files included. */
export function psProcesses(): Processes {
  let table = new Map<number, Origin & MemoryUse>();
  return {
    list: async () => {
      // Without ps nothing is watched, but process groups are still killed.
      const { stdout } = await run("ps", COLUMNS, { maxBuffer: LARGEST_LIST }).catch(() => ({ stdout: "" }));
      table = new Map(stdout.split("\n").flatMap((line) => rowOf(line)));
      return [...table.keys()];
    },
    originOf: (pid) => table.get(pid),
    markOf: () => "none",
    commandOf: () => "",
    memoryOf: (pid) => table.get(pid),
    exactMbOf: () => undefined,
  };
}

/** A process of the list; none for a zombie. */
function rowOf(line: string): [number, Origin & MemoryUse][] {
  const row = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
  if (!row) return [];
  const [, pid, parent, group, kilobytes, state = "", command = ""] = row;
  if (state.startsWith("Z")) return [];
  const name = command.slice(command.lastIndexOf("/") + 1);
  const origin = { parent: Number(parent), group: Number(group), session: 0 };
  return [[Number(pid), { ...origin, name, mb: Number(kilobytes) / 1024 }]];
}
