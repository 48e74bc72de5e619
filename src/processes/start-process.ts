import type { AgentProcess } from "./agent-process.ts";
import { agentEnvironment } from "./child-environment.ts";
import type { ProcessScope } from "./process-scope.ts";
import { starter } from "./starter.ts";

export interface ProcessOptions {
  /** The attempt that it works for: it shares that memory limit and ends with the attempt at the latest. */
  readonly memory: ProcessScope;
  /** Ends it and everything that it started. */
  readonly signal: AbortSignal;
  /** Its working folder; the project's folder by default. */
  readonly folder?: string | undefined;
  /** Variables in addition to those of this process. Only processes of the same user see them, and no process list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it shares a socket with us in addition to its standard streams. */
  readonly hasChannel?: boolean;
}

/**
 * Starts a process for an agent, once its memory is admitted. There is no other way to start one. The process leads a
 * group, which is killed as a whole when the process ends, when the signal aborts, when Decurion's own process is gone for
 * any reason, and at the latest with the attempt. It does not see Decurion's secrets, and a Decurion inside it knows that
 * an agent started it. A command that does not exist ends with 127 and a message on its standard error, one that cannot
 * run with 126.
 *
 * @throws TypeError for an invalid name of a variable; the signal's reason when it has aborted.
 */
export function startProcess(
  command: string,
  parameters: readonly string[],
  { memory, signal, folder = process.cwd(), environment = {}, hasChannel = false }: ProcessOptions,
): AgentProcess {
  signal.throwIfAborted();
  memory.exceeded.throwIfAborted();
  const variables = agentEnvironment(memory, environment);
  const child = starter.start({ command, parameters, folder, environment: variables, hasChannel });
  memory.watch(child);
  const end = () => child.kill();
  signal.addEventListener("abort", end, { once: true });
  const release = () => signal.removeEventListener("abort", end);
  child.once("exit", release);
  child.once("error", release);
  return child;
}
