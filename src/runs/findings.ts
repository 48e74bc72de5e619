import type { Finding } from "../domain/finding.ts";
import { RESERVE_MB } from "../processes/admission.ts";
import type { FoundSandbox } from "../processes/find-sandbox.ts";

const MB = 1024 * 1024;
/** The oldest Node that is supported, and the newest that is tested. */
const OLDEST_NODE = [20, 19] as const;
/** The field report's need of shared memory and of /tmp for many agents: they crashed with 614 MB. */
const SCRATCH_MB = 3072;
/** The least free disk space for a growing database. */
const DISK_MB = 1024;

/** @param version - `process.versions.node`. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  const isOld = major < oldest || (major === oldest && minor < oldestMinor);
  if (!isOld) return { topic: "Node", level: "fine", says: version };
  const fix = "install Node 20.19 or newer, for example with `nvm install 22`";
  return { topic: "Node", level: "broken", says: `${version} is too old`, fix };
}

export function judgeSandbox(found: FoundSandbox): Finding {
  const topic = "sandbox";
  if ("sandbox" in found)
    return { topic, level: "fine", says: `${found.sandbox.name}, for commands of agents` };
  const says = `${found.problem}: commands of agents run with your rights`;
  return { topic, level: "doubtful", says, fix: found.fix };
}

/** Judges the memory for agents with tools. Agents without tools need almost none. */
export function judgeMemory(availableMb: number, agentMb: number, parallel: number): Finding {
  const fits = Math.max(0, Math.floor((availableMb - RESERVE_MB) / agentMb));
  const says = `${sizeOf(Math.floor(availableMb))} available: ${fits} agents with tools at ${agentMb} MB each`;
  if (fits >= parallel) return { topic: "memory", level: "fine", says };
  const fix = `the others wait; close programs, or use --parallel ${Math.max(fits, 1)} or --profile conservative`;
  return { topic: "memory", level: fits === 0 ? "broken" : "doubtful", says, fix };
}

/** Judges a file system for scratch files. The size is undefined when it does not exist, as /dev/shm on macOS. */
export function judgeScratch(path: string, sizeBytes: number | undefined, freeBytes: number): Finding {
  if (sizeBytes === undefined) return { topic: path, level: "fine", says: "not on this system" };
  const sizeMb = Math.floor(sizeBytes / MB);
  const freeMb = Math.floor(freeBytes / MB);
  const says = `${sizeOf(freeMb)} free of ${sizeOf(sizeMb)}`;
  if (freeMb >= SCRATCH_MB) return { topic: path, level: "fine", says };
  if (sizeMb >= SCRATCH_MB) {
    return { topic: path, level: "doubtful", says, fix: `make room in ${path}: many agents need 3 GB` };
  }
  const fix = `sudo mount -o remount,size=3G ${path}`;
  return { topic: path, level: "doubtful", says: `${says}, many agents need 3 GB`, fix };
}

export function judgeDisk(path: string, freeBytes: number): Finding {
  const freeMb = Math.floor(freeBytes / MB);
  const says = `${sizeOf(freeMb)} free in ${path}`;
  if (freeMb >= DISK_MB) return { topic: "disk", level: "fine", says };
  const fix = "make room, or delete old threads: prune --older-than 30d";
  return { topic: "disk", level: "doubtful", says, fix };
}

/** Judges package versions: `1.0.0` means exactly that version, `^1.4.0` that or a newer one of the same major. */
export function judgePackages(
  found: readonly {
    readonly name: string;
    readonly wanted: string;
    readonly installed: string | undefined;
  }[],
): Finding {
  const wrong = found.filter(({ wanted, installed }) => !isWanted(wanted, installed));
  if (wrong.length === 0)
    return { topic: "packages", level: "fine", says: `${found.length} checked, all with the right version` };
  const named = wrong.map(
    ({ name, wanted, installed }) => `${name} ${installed ?? "missing"} instead of ${wanted}`,
  );
  const words = wrong.map(({ name, wanted }) => `${name}@${wanted}`).join(" ");
  return { topic: "packages", level: "broken", says: named.join(", "), fix: `npm install ${words}` };
}

function isWanted(wanted: string, installed = ""): boolean {
  if (!wanted.startsWith("^")) return installed === wanted;
  const [floor, version] = [wanted.slice(1), installed].map((text) => text.split(".").map(Number.parseFloat));
  const at = floor?.findIndex((part, index) => part !== version?.[index]) ?? -1;
  return at < 0 || (at > 0 && (version?.[at] ?? 0) > (floor?.[at] ?? 0));
}

function sizeOf(mb: number): string {
  return mb < 1024 ? `${mb} MB` : `${(mb / 1024).toFixed(1)} GB`;
}
