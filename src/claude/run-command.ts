import { spawn } from "node:child_process";
import { INSIDE_AGENT_VARIABLE } from "./single-level.ts";

/** How a command ended: by an exit code, or by us because it took too long. */
export interface CommandEnd {
  readonly code: number | null;
  readonly isTimeout: boolean;
  /** The last of what it printed, on both outputs. */
  readonly said: string;
}

/** Characters of a command's output that are kept. */
const SAID_CHARACTERS = 2000;
/** What a command must not see: the key and the database are Decurion's. */
const SECRETS = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DATABASE_URL"];

/**
 * Runs a shell command with `input` on its standard input, in the project's folder, with all it starts in a process
 * group that ends with it: at the time limit, or when the signal aborts.
 *
 * @param agent - on whose behalf, as `thread/task`: a Decurion started by the command knows that it is inside an agent.
 */
export async function runCommand(
  command: string,
  options: { input: string; agent: string; timeoutMs: number; signal: AbortSignal },
): Promise<CommandEnd> {
  const { input, agent, timeoutMs, signal } = options;
  const unset = SECRETS.flatMap((name) => ["-u", name]);
  const child = spawn("env", [...unset, `${INSIDE_AGENT_VARIABLE}=${agent}`, "sh", "-c", command], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  const listen = (text: string) => {
    said = `${said}${text}`.slice(-SAID_CHARACTERS);
  };
  child.stdout.setEncoding("utf8").on("data", listen);
  child.stderr.setEncoding("utf8").on("data", listen);
  child.stdin.on("error", () => undefined); // It need not read what it is given.
  child.stdin.end(input);
  let isTimeout = false;
  const endGroup = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    isTimeout = true;
    endGroup();
  }, timeoutMs);
  signal.addEventListener("abort", endGroup, { once: true });
  if (signal.aborted) endGroup();
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, isTimeout, said: said.trim() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", endGroup);
    endGroup(); // Whatever it left running.
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
