import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { INSIDE_AGENT_VARIABLE } from "./child-environment.ts";

/** The file name of the program that starts agents' processes, and of the one that runs Claude Code. */
const STARTER = /processes[\\/]starter\.mjs(\0|\s|$)/;

interface Above {
  readonly parent: number;
  readonly command: string;
  readonly agent: string | undefined;
}

/**
 * The agent that started this process, or another one, however long ago: an ancestor was started for an agent, or is the program that starts
 * their processes. A process can take its variables away, but not its ancestors: orphans of agents become children of that
 * program (`starter.ts`). Undefined for a person's own process.
 */
export function agentAbove(of?: number): string | undefined {
  const look = process.platform === "linux" ? ofLinux : ofPs();
  const seen = new Set<number>();
  for (let pid = of ?? process.ppid; pid > 0 && !seen.has(pid); ) {
    seen.add(pid);
    const above = look(pid);
    if (above?.agent !== undefined) return above.agent;
    if (above && STARTER.test(above.command)) return "unknown";
    pid = above?.parent ?? 0;
  }
  return undefined;
}

function ofLinux(pid: number): Above | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 2);
    return {
      parent: Number(parent),
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8"),
      agent: agentIn(environmentOf(pid)),
    };
  } catch {
    return undefined;
  }
}

/** Another user's is not readable. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

function agentIn(environment: string): string | undefined {
  const start = `${INSIDE_AGENT_VARIABLE}=`;
  return environment
    .split("\0")
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length);
}

/** Where there is no /proc. `ps` does not show variables there. */
function ofPs(): (pid: number) => Above | undefined {
  const table = new Map<number, Above>();
  for (const line of listed().split("\n")) {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid !== undefined) table.set(Number(pid), { parent: Number(parent), command, agent: undefined });
  }
  return (pid) => table.get(pid);
}

function listed(): string {
  try {
    return execFileSync("ps", ["-axww", "-o", "pid=,ppid=,command="], { encoding: "utf8" });
  } catch {
    return "";
  }
}
