import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { environmentScript } from "./child-environment.ts";
import { killGroup } from "./kill-group.ts";
import type { ProcessScope } from "./process-scope.ts";
import { watchdog } from "./watchdog.ts";

export interface ProcessOptions {
  /** The attempt that it is started for: whose memory it takes from, and with which it ends at the latest. */
  readonly memory: ProcessScope;
  /** Ends it with all that it started. */
  readonly signal: AbortSignal;
  /** Where it runs; the project's folder if not given. */
  readonly folder?: string | undefined;
  /** Variables that it has besides those of this process. They are shown to nobody else, not even in a process list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it shares a socket with us besides its standard input and outputs: `channelOf` gives our end. */
  readonly hasChannel?: boolean;
}

/** File descriptor, in the process, of the socket that it shares with us where it is started with a channel. */
const CHANNEL_DESCRIPTOR = 4;

export type AgentProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** How long whoever reads its output waits for a process that left the group and still holds the pipes. */
const PIPES_MS = 1000;

/** Reads from a pipe what it is to do: to take its environment, so that no value stands on a command line, and then … */
const STARTER = 'eval "$(cat <&3)"';
/** … to become the command. When Decurion is killed before all of it is told, the command is not started. */
const BECOME = 'exec 3<&-; exec "$@"';

/**
 * Starts a process on behalf of an agent: the one way to do so, once its memory is admitted. It leads a process group
 * which is killed as a whole when the process ends or is killed, when the signal aborts, when Decurion's own process is
 * gone, however it went, and at the latest with the attempt; it does not see Decurion's secrets, and a Decurion started
 * by it knows that it is inside an agent. A command that cannot be found ends with 127 and says so on its standard
 * error; one that is there but cannot be run with 126.
 *
 * @throws TypeError for a wrong name of a variable; the signal's reason when it has aborted.
 */
export function startProcess(
  command: string,
  parameters: readonly string[],
  { memory, signal, folder, environment = {}, hasChannel = false }: ProcessOptions,
): AgentProcess {
  signal.throwIfAborted();
  memory.exceeded.throwIfAborted();
  const script = `${environmentScript(memory, environment)}\n${BECOME}`;
  const pipes = Array.from({ length: hasChannel ? 5 : 4 }, () => "pipe" as const);
  // All of them pipes, which the types of spawn cannot tell of a list.
  const child = spawn("sh", ["-c", STARTER, "sh", command, ...parameters], {
    stdio: pipes,
    detached: true,
    ...(folder !== undefined && { cwd: folder }),
  }) as AgentProcess;
  for (const pipe of child.stdio) pipe?.on("error", () => undefined); // It need not read.
  const variables = child.stdio[3] as Writable;
  const { pid } = child;
  if (pid === undefined) return child; // Its "error" event says why.
  memory.watch(pid);
  watchdog.guard(pid, () => variables.end(script));
  const end = () => killGroup(pid);
  signal.addEventListener("abort", end, { once: true });
  child.once("exit", () => {
    signal.removeEventListener("abort", end);
    end(); // Whatever it left running.
    watchdog.release(pid);
    memory.ended(pid);
    const timer = setTimeout(() => [child.stdout, child.stderr].map((pipe) => pipe.destroy()), PIPES_MS);
    child.once("close", () => clearTimeout(timer));
  });
  return child;
}

/** Our end of the socket shared with a process that was started with a channel. */
export function channelOf(child: AgentProcess): Duplex {
  return child.stdio[CHANNEL_DESCRIPTOR] as Duplex;
}
