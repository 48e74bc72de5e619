import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { killGroup } from "./kill-group.ts";
import { LateSocket } from "./late-socket.ts";

interface AgentProcessEvents {
  /** It runs, and waits to become its command. */
  spawn: [];
  /** It could not be started. Nothing else follows. */
  error: [error: Error];
  /** It has ended, by itself with a code or by a signal. */
  exit: [code: number | null, signal: NodeJS.Signals | null];
  /** It has ended, and all that it printed was read. */
  close: [code: number | null, signal: NodeJS.Signals | null];
}

/** How long a reader of its output waits when a process that left the group still holds the pipes. */
const PIPES_MS = 1000;

/** A process of an agent, the leader of its group. It runs a moment after it was made; its streams can be used before. */
export class AgentProcess extends EventEmitter<AgentProcessEvents> {
  readonly stdin = new LateSocket();
  readonly stdout = new LateSocket();
  readonly stderr = new LateSocket();
  /** A socket that it shares with us besides its standard streams, as its descriptor 4. */
  readonly channel: LateSocket | undefined;
  pid: number | undefined;
  exitCode: number | null = null;
  /** Whether `kill` was called in time. */
  killed = false;
  #isOver = false;

  constructor({ hasChannel }: { readonly hasChannel: boolean }) {
    super();
    this.channel = hasChannel ? new LateSocket() : undefined;
    this.stdin.resume(); // Nothing comes from there but its end.
  }

  /** Kills it and everything in its group, or, before it runs, as soon as it does. @returns false when it has ended. */
  kill(): boolean {
    if (this.#isOver) return false;
    this.killed = true;
    if (this.pid !== undefined) killGroup(this.pid);
    return true;
  }

  /** Called when it runs. @internal */
  started(pid: number): void {
    this.pid = pid;
    if (this.killed) killGroup(pid);
    this.emit("spawn");
  }

  /** Called with the socket of each of its descriptors; without one when the process ended before it could be passed on. @internal */
  attach(descriptor: number, socket: Socket | undefined): void {
    const stream = [this.stdin, this.stdout, this.stderr, undefined, this.channel][descriptor];
    if (socket) stream?.attach(socket);
    else stream?.cutOff();
  }

  /** Called when it has ended. @internal */
  ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#isOver = true;
    this.exitCode = code;
    this.stdin.destroy();
    this.emit("exit", code, signal);
    const printed = [this.stdout, this.stderr, ...(this.channel ? [this.channel] : [])];
    const stopLooking = cutOffHeld(printed);
    void Promise.all(printed.map(closed)).then(() => {
      stopLooking();
      this.emit("close", code, signal);
    });
  }

  /** Called when it could not be started. @internal */
  failed(error: Error): void {
    this.#isOver = true;
    for (const stream of [this.stdin, this.stdout, this.stderr, this.channel]) stream?.destroy();
    this.emit("error", error);
  }
}

/** Cuts off the streams of a process that has ended, once all that it printed was read. @returns a function that ends this. */
function cutOffHeld(streams: readonly LateSocket[]): () => void {
  const drained = new Set<LateSocket>();
  // Looks twice, because what came while this process was busy is only read after the first time.
  const timer = setInterval(() => {
    for (const stream of streams) {
      if (stream.readableLength > 0) drained.delete(stream);
      else if (drained.has(stream)) stream.cutOff();
      else drained.add(stream);
    }
  }, PIPES_MS / 2);
  return () => clearInterval(timer);
}

/** Reads a stream to its end when nobody does. */
function closed(stream: LateSocket): Promise<void> {
  if (stream.closed) return Promise.resolve();
  stream.resume();
  return new Promise((resolve) => stream.once("close", resolve));
}
