import { readdir, readFile } from "node:fs/promises";
import type { AgentProcess } from "../../src/processes/agent-process.ts";

/** Whether a process runs. One that has ended may wait for init to bury it. */
export async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return state !== "" && !/\) [ZX] /.test(state);
}

/** What a process printed, and how it ended, when it has. */
export async function outputOf(child: AgentProcess) {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** The first line that a process prints, while it goes on. */
export async function firstLineOf(child: AgentProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

/** A process that an agent started, whoever its parent is. */
export interface TaskProcess {
  readonly pid: number;
  readonly task: string;
  readonly command: string;
}

/** Those of one thread that run, told by their environment. */
export async function processesOf(thread: string): Promise<TaskProcess[]> {
  const found = (await pids()).map(async (pid) => {
    const [environment, command] = await Promise.all([textOf(pid, "environ"), textOf(pid, "cmdline")]);
    const task = new RegExp(`\\0DECURION_AGENT=${thread}/([^\\0]*)`).exec(`\0${environment}`)?.[1];
    return task === undefined ? [] : [{ pid, task, command: command.replaceAll("\0", " ").trim() }];
  });
  return (await Promise.all(found)).flat();
}

/** The processes that start and end an engine's agents' processes. */
export async function startersOf(engine: number): Promise<number[]> {
  const found = (await pids()).map(async (pid) => {
    const [state, command] = await Promise.all([textOf(pid, "stat"), textOf(pid, "cmdline")]);
    const isChild = new RegExp(`\\) \\w ${engine} `).test(state);
    return isChild && command.includes("starter.mjs") ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

async function pids(): Promise<number[]> {
  return (await readdir("/proc")).map(Number).filter(Number.isInteger);
}

/** Empty when the process is gone. */
function textOf(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}
