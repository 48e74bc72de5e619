import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { AgentProcess } from "./agent-process.ts";
import { killGroup } from "./kill-group.ts";

/** A process to start. */
export interface Start {
  readonly command: string;
  readonly parameters: readonly string[];
  /** Its working folder. */
  readonly folder: string;
  /** All its variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hasChannel: boolean;
}

export type StartMessage = Start & { readonly id: number };
/** A process to start, or one that is watched now and may become its command. */
export type MessageToStarter = StartMessage | { readonly id: number; readonly isGo: true };
/** It runs, with one of its streams; has ended; or could not be started. */
export type MessageFromStarter = { readonly id: number } & (
  | { readonly pid: number; readonly stream: number; readonly isLast: boolean }
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly error: string }
);

const PROGRAM = fileURLToPath(new URL("./starter.mjs", import.meta.url));

/** The numbers of system calls. */
const CALLS: Readonly<Partial<Record<NodeJS.Architecture, { prctl: number; close: number }>>> = {
  x64: { prctl: 157, close: 3 },
  arm64: { prctl: 167, close: 57 },
};
const SET_CHILD_SUBREAPER = 36;
/**
 * Becomes the program, as the parent of all orphans among its descendants, where the system has that and Perl (Node cannot ask
 * for it): so no process of an agent gets another ancestor than the program.
 */
const NUMBERS = process.platform === "linux" ? CALLS[process.arch] : undefined;
/** Also closes what this process inherited from its parents: only the descriptors of the channel stay. */
const PREPARE = (numbers: { readonly prctl: number; readonly close: number }) =>
  `syscall(${numbers.prctl}, ${SET_CHILD_SUBREAPER}, 1, 0, 0, 0); syscall(${numbers.close}, $_) for 4..4095; exec @ARGV`;
const LAUNCH = `${
  NUMBERS === undefined ? "" : `command -v perl >/dev/null && exec perl -e '${PREPARE(NUMBERS)}' "$@"; `
}exec "$@"`;
/** After so many processes it is replaced when none runs: it keeps the table entries of orphans that have ended. */
const MOST_STARTS = 1000;

/**
 * Starts the processes of agents, and kills their groups when this process is gone, even after a SIGKILL. That does one small
 * process beside this one (`starter.mjs`): it starts with the first of them, ends with this process, and keeps nobody from
 * ending. If an agent kills it, the processes of all agents are killed, and the next one starts another.
 */
export class Starter {
  readonly #processes = new Map<number, AgentProcess>();
  #program: ChildProcess | undefined;
  #count = 0;

  start(wanted: Start): AgentProcess {
    const id = ++this.#count;
    const child = new AgentProcess(wanted);
    if (this.#processes.size === 0 && id % MOST_STARTS === 0) this.#replace();
    this.#processes.set(id, child);
    this.#program ??= this.#launch();
    this.#program.channel?.ref();
    this.#send({ id, ...wanted });
    return child;
  }

  /** The process that starts and adopts those of agents; undefined before the first of them. */
  get pid(): number | undefined {
    return this.#program?.pid;
  }

  #replace(): void {
    this.#program?.stdin?.destroy(); // It ends.
    this.#program = undefined;
  }

  #send(message: MessageToStarter): void {
    this.#program?.send(message, () => undefined); // When it is gone, its end says so.
  }

  #launch(): ChildProcess {
    const node = [process.execPath, "--max-semi-space-size=1", "--max-old-space-size=64", PROGRAM];
    // A group of its own, so that closing the terminal does not end it with us. It holds no folder, and no variable of ours.
    const program = spawn("/bin/sh", ["-c", LAUNCH, "sh", ...node], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore", "ipc"],
    });
    program.unref();
    (program.stdin as Socket).unref();
    program.on("message", (message, socket) =>
      this.#receive(message as MessageFromStarter, socket as Socket | undefined),
    );
    const onEnd = (why: string) => {
      if (this.#program === program) this.#lose(why);
    };
    program.once("error", ({ message }) => onEnd(message));
    program.once("exit", (code, signal) => onEnd(`it ended with ${code ?? signal}`));
    return program;
  }

  #receive(message: MessageFromStarter, socket: Socket | undefined): void {
    const { id } = message;
    const child = this.#processes.get(id);
    if (!child) {
      socket?.destroy();
    } else if ("pid" in message) {
      if (child.pid === undefined) child.started(message.pid);
      child.attach(message.stream, socket);
      if (message.isLast) this.#send({ id, isGo: true });
    } else {
      this.#forget(id);
      if ("error" in message) child.failed(new Error(message.error));
      else child.ended(message.code, message.signal);
    }
  }

  #forget(id: number): void {
    this.#processes.delete(id);
    if (this.#processes.size === 0) this.#program?.channel?.unref();
  }

  #lose(why: string): void {
    this.#program = undefined;
    const lost = [...this.#processes.values()];
    this.#processes.clear();
    for (const child of lost) {
      if (child.pid === undefined) {
        child.failed(new Error(`Decurion's program that starts processes does not run: ${why}.`));
      } else {
        killGroup(child.pid);
        child.ended(null, "SIGKILL");
      }
    }
  }
}

/** The starter of this process. */
export const starter = new Starter();
