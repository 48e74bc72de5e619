import { readFile } from "node:fs/promises";
import type { AgentProcess } from "../../src/agents/processes/start-process.ts";

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
