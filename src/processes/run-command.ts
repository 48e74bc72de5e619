import { tailOf } from "../format/text.ts";
import type { ProcessScope } from "./process-scope.ts";
import { startProcess } from "./start-process.ts";

/** How a command ended: with an exit code, or killed by us after its timeout. */
export interface CommandEnd {
  readonly code: number | null;
  readonly isTimeout: boolean;
  /** The end of what it printed, on both outputs. */
  readonly said: string;
}

/** Characters of a command's output that are kept. */
const SAID_CHARACTERS = 2000;

/**
 * Runs a shell command in the project's folder, with `input` on its standard input. At the timeout, or when the signal
 * aborts, the command and everything that it started are killed.
 *
 * @throws MemoryExceededError when the attempt's processes exceed their memory limit.
 */
export async function runCommand(
  command: string,
  options: { input: string; memory: ProcessScope; timeoutMs: number; signal: AbortSignal },
): Promise<CommandEnd> {
  const { input, memory, timeoutMs, signal } = options;
  await memory.admitted();
  const child = startProcess("sh", ["-c", command], { memory, signal });
  let said = "";
  const listen = (text: string) => {
    said = tailOf(`${said}${text}`, SAID_CHARACTERS);
  };
  child.stdout.setEncoding("utf8").on("data", listen);
  child.stderr.setEncoding("utf8").on("data", listen);
  child.stdin.end(input);
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = child.kill();
  }, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    memory.exceeded.throwIfAborted();
    return { code, isTimeout, said: said.trim() };
  } finally {
    clearTimeout(timer);
  }
}
