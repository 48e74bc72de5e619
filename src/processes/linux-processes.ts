import { readdirSync, readFileSync } from "node:fs";
import { MARK_VARIABLE } from "./child-environment.ts";
import type { MemoryUse, Origin, Processes } from "./processes.ts";

/** Node 24 names its main thread, and with it the process. */
const NODES_MAIN_THREAD = "MainThread";

/** Processes as Linux shows them in /proc. Reads synchronously, because the kernel answers from memory. */
export const linuxProcesses: Processes = {
  list: async () => readdirSync("/proc").map(Number).filter(Number.isInteger),
  originOf,
  markOf,
  commandOf: (pid) => read(pid, "cmdline") ?? "",
  memoryOf,
  exactMbOf: (pid) => {
    const text = read(pid, "smaps_rollup");
    if (text === undefined || !text.includes("Pss_Anon:")) return undefined;
    return megabytesIn(text, ["Pss_Anon", "Pss_Shmem", "SwapPss"]);
  },
};

/** `pid (any name, even with brackets) state parent group session …` */
function originOf(pid: number): Origin | undefined {
  const stat = read(pid, "stat");
  if (stat === undefined) return undefined;
  const [, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 4);
  return { parent: Number(parent), group: Number(group), session: Number(session) };
}

function markOf(pid: number): { readonly mark: string } | "none" | "unsettled" {
  let text = read(pid, "environ");
  if (text === "" && isStarting(pid)) return "unsettled";
  if (text === "") text = read(pid, "environ"); // It may have started in between.
  const start = `${MARK_VARIABLE}=`;
  const entry = text?.split("\0").find((one) => one.startsWith(start));
  return entry === undefined ? "none" : { mark: entry.slice(start.length) };
}

/** Between two programs a process has memory but no variables and no arguments yet. An ended one has no memory. */
function isStarting(pid: number): boolean {
  return read(pid, "cmdline") === "" && read(pid, "statm")?.startsWith("0 ") === false;
}

function memoryOf(pid: number): MemoryUse | undefined {
  const text = read(pid, "status");
  if (text === undefined || /^State:\s+[ZX]/m.test(text)) return undefined;
  const name = /^Name:\s+(.*)$/m.exec(text)?.[1] ?? "";
  const mb = megabytesIn(text, ["RssAnon", "RssShmem", "VmSwap"]);
  return { name: name === NODES_MAIN_THREAD ? programOf(pid) || name : name, mb };
}

/** The file name of the program that a process runs. */
function programOf(pid: number): string {
  const [path = ""] = read(pid, "cmdline")?.split("\0") ?? [];
  return path.slice(path.lastIndexOf("/") + 1);
}

function megabytesIn(text: string, fields: readonly string[]): number {
  const sizes = fields.map((field) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0),
  );
  return sizes.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
}

/** Undefined when the process is gone or belongs to another user. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}
