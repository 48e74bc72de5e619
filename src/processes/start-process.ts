import type { AgentProcess } from "./agent-process.ts";
import { processVariables } from "./child-environment.ts";
import type { Confinement, Needs } from "./confinement.ts";
import type { ProcessScope } from "./process-scope.ts";
import type { Room } from "./sandbox.ts";
import { starter } from "./starter.ts";

export interface ProcessOptions {
  /** The attempt that it works for: it shares that memory limit and ends with the attempt at the latest. */
  readonly memory: ProcessScope;
  /** Ends it and everything that it started. */
  readonly signal: AbortSignal;
  /** Its working folder; the folder of this process by default. It reads and changes it, unless `needs` are given. */
  readonly folder?: string | undefined;
  /** What it sees besides the system's programs; default: its folder, which it may change. */
  readonly needs?: Needs;
  /** Variables in addition to those of the run. Only processes of the same user see them, and no process list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it shares a socket with us in addition to its standard streams. */
  readonly hasChannel?: boolean;
}

/**
 * Starts a process for an agent, once its memory is admitted. There is no other way to start one. The process leads a
 * group, which is killed as a whole when the process ends, when the signal aborts, when Decurion's own process is gone for
 * any reason, and at the latest with the attempt. It has the variables of the run and no others, and where the machine has a
 * sandbox, it sees nothing but what it needs. A command that does not exist ends with a code that is not 0 and a message on its
 * standard error.
 *
 * @throws TypeError for an invalid name of a variable; the signal's reason when it has aborted.
 */
export function startProcess(
  command: string,
  parameters: readonly string[],
  { memory, signal, folder = process.cwd(), needs, environment = {}, hasChannel = false }: ProcessOptions,
): AgentProcess {
  signal.throwIfAborted();
  memory.exceeded.throwIfAborted();
  const { sandbox, environment: shared } = memory.confinement;
  const variables = processVariables(memory, {
    ...shared,
    ...(sandbox && { TMPDIR: "/tmp" }),
    ...environment,
  });
  const room = roomOf(memory.confinement, folder, needs ?? { writes: [folder] }, variables);
  const program = sandbox?.wrap({ command, parameters }, room) ?? { command, parameters };
  const child = starter.start({ ...program, folder, environment: variables, hasChannel });
  memory.watch(child);
  const end = () => child.kill();
  signal.addEventListener("abort", end, { once: true });
  const release = () => signal.removeEventListener("abort", end);
  child.once("exit", release);
  child.once("error", release);
  return child;
}

function roomOf(
  { reads: always, hides, keeps, network }: Confinement,
  folder: string,
  { reads = [], writes = [], network: own = network }: Needs,
  environment: Room["environment"],
): Room {
  return { folder, reads: [...always, ...reads], writes, hides, keeps, network: own, environment };
}
