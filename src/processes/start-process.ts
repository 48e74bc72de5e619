import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { environmentScript } from "./child-environment.ts";
import { killGroup } from "./kill-group.ts";
import type { ProcessScope } from "./process-scope.ts";
import { watchdog } from "./watchdog.ts";

export interface ProcessOptions {
  /** The attempt that it works for: it shares that memory limit and ends with the attempt at the latest. */
  readonly memory: ProcessScope;
  /** Ends it and everything that it started. */
  readonly signal: AbortSignal;
  /** Its working folder; the project's folder by default. */
  readonly folder?: string | undefined;
  /** Variables in addition to those of this process. Nobody else sees them, not even in a process list. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it shares a socket with us in addition to its standard streams: `channelOf` gives our end. */
  readonly hasChannel?: boolean;
}

/** The process's file descriptor of that socket. */
const CHANNEL_DESCRIPTOR = 4;

export type AgentProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** How long a reader of its output waits when a process that left the group still holds the pipes. */
const PIPES_MS = 1000;

/** Reads its instructions from a pipe: first the environment, which keeps the values off the command line, then … */
const STARTER = 'eval "$(cat <&3)"';
/** … to become the command. When Decurion is killed before it sends everything, the command does not start. */
const BECOME = 'exec 3<&-; exec "$@"';

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
  { memory, signal, folder, environment = {}, hasChannel = false }: ProcessOptions,
): AgentProcess {
  signal.throwIfAborted();
  memory.exceeded.throwIfAborted();
  const script = `${environmentScript(memory, environment)}\n${BECOME}`;
  const pipes = Array.from({ length: hasChannel ? 5 : 4 }, () => "pipe" as const);
  // All of them are pipes, which the types of spawn cannot express for a list.
  const child = spawn("sh", ["-c", STARTER, "sh", command, ...parameters], {
    stdio: pipes,
    detached: true,
    ...(folder !== undefined && { cwd: folder }),
  }) as AgentProcess;
  for (const pipe of child.stdio) pipe?.on("error", () => undefined); // The process may not read it.
  const variables = child.stdio[3] as Writable;
  const { pid } = child;
  if (pid === undefined) return child; // Its "error" event says why.
  memory.watch(pid);
  watchdog.guard(pid, () => variables.end(script));
  const end = () => killGroup(pid);
  signal.addEventListener("abort", end, { once: true });
  child.once("exit", () => {
    signal.removeEventListener("abort", end);
    end(); // Kills what it left running.
    watchdog.release(pid);
    memory.ended(pid);
    const timer = setTimeout(() => [child.stdout, child.stderr].map((pipe) => pipe.destroy()), PIPES_MS);
    child.once("close", () => clearTimeout(timer));
  });
  return child;
}

/** Our end of the socket, for a process with a channel. */
export function channelOf(child: AgentProcess): Duplex {
  return child.stdio[CHANNEL_DESCRIPTOR] as Duplex;
}
