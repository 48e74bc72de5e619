import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { MemoryExceededError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import { clip, printable, tailOf } from "../format/text.ts";
import type { AgentProcess } from "./agent-process.ts";
import { readMessages } from "./message-lines.ts";
import type { ProcessScope } from "./process-scope.ts";
import { startProcess } from "./start-process.ts";

/** A failed call: the function threw, or its process ended. The message is written for the agent. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}

export interface ModuleWorkerOptions {
  /** URL of a module that Node can run directly. */
  readonly module: string;
  /** The attempt that it works for, which limits its memory and its life. */
  readonly memory: ProcessScope;
  /** Ends it, even in the middle of a call. */
  readonly signal: AbortSignal;
  /** The folder in which it starts, and reads; default: that of this process. */
  readonly project?: string | undefined;
}

const WORKER = fileURLToPath(new URL("./module-worker.mjs", import.meta.url));
/** How long an aborted call may keep the process busy before the process is killed. */
const ABORT_MS = 1000;
/** Characters of its standard error that are kept for the error message. */
const SAID_CHARACTERS = 500;

const messageSchema = z.union([
  z.object({ id: z.number(), value: z.json() }),
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), isAcknowledged: z.literal(true) }),
]);

interface Call {
  resolve(value: Json): void;
  reject(error: unknown): void;
}

interface Running {
  readonly child: AgentProcess;
  readonly channel: Duplex;
  readonly calls: Map<number, Call>;
  /** Aborted calls, until the process acknowledges the abort. */
  readonly unacknowledged: Map<number, NodeJS.Timeout>;
}

/**
 * Runs functions of a module for one attempt, in a separate process. The first call starts it, and the end of the attempt
 * ends it. After a crash the next call starts another one.
 *
 * A thread would not do: its `resourceLimits` bound only its heap. With a limit of 100 MB a thread took 1 GB of Buffers,
 * which look like the engine's own memory. A process costs about 50 ms at its first call and 7 MB more than a thread. It
 * is watched like everything else that the attempt runs, and its crash harms nothing else.
 */
export class ModuleWorker {
  readonly #options: ModuleWorkerOptions;
  #running: Running | undefined;
  #calls = 0;

  constructor(options: ModuleWorkerOptions) {
    this.#options = options;
  }

  /**
   * Calls an exported function with JSON parameters, followed by a signal.
   *
   * @throws WorkerError; the signal's reason when it aborts; MemoryExceededError.
   */
  async call(name: string, parameters: readonly Json[], signal: AbortSignal): Promise<Json> {
    signal.throwIfAborted();
    this.#running ??= this.#start();
    const { child, channel, calls, unacknowledged } = this.#running;
    const id = ++this.#calls;
    const abort = () => {
      send(channel, { id, isAborted: true });
      unacknowledged.set(
        id,
        setTimeout(() => child.kill(), ABORT_MS),
      );
      calls.get(id)?.reject(signal.reason);
    };
    try {
      return await new Promise<Json>((resolve, reject) => {
        calls.set(id, { resolve, reject });
        signal.addEventListener("abort", abort, { once: true });
        send(channel, { id, name, parameters });
      });
    } finally {
      calls.delete(id);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends the process and everything that it started. */
  close(): void {
    this.#running?.child.kill();
  }

  #start(): Running {
    const { module, memory, signal, project: folder = process.cwd() } = this.#options;
    // Makes it collect garbage before it reaches the limit.
    const parameters = [`--max-old-space-size=${memory.limitMb}`, WORKER];
    const child = startProcess(process.execPath, parameters, {
      memory,
      signal,
      folder,
      // The project's own code, which a person wrote or chose.
      needs: { reads: [folder, WORKER, ...filesOf(module)], network: "shared" },
      hasChannel: true,
    });
    const { channel } = child;
    if (!channel) throw new Error("The process has no channel.");
    const running: Running = { child, channel, calls: new Map(), unacknowledged: new Map() };
    send(channel, { module });
    let said = "";
    child.stdout.resume();
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = tailOf(`${said}${text}`, SAID_CHARACTERS);
    });
    let trouble: string | undefined;
    const onTrouble = (why: string) => {
      trouble = why;
      child.kill();
    };
    readMessages(channel, (message) => this.#receive(running, message, onTrouble), onTrouble);
    const onEnd = (how: string) => {
      if (this.#running === running) this.#running = undefined;
      for (const timer of running.unacknowledged.values()) clearTimeout(timer);
      const why = trouble ?? (said.trim() ? `${how}: ${printable(said.trim())}` : how);
      const error = [signal, memory.exceeded].find(({ aborted }) => aborted)?.reason ?? errorOf(why, memory);
      for (const call of running.calls.values()) call.reject(error);
    };
    child.once("error", (error) => onEnd(error.message));
    child.once("close", (code, killer) => onEnd(`ended with ${code ?? killer}`));
    return running;
  }

  #receive({ calls, unacknowledged }: Running, given: unknown, onTrouble: (why: string) => void): void {
    const parsed = messageSchema.safeParse(given);
    if (!parsed.success) {
      onTrouble("sent something that is not a message");
      return;
    }
    const message = parsed.data;
    const call = calls.get(message.id);
    if ("isAcknowledged" in message) {
      clearTimeout(unacknowledged.get(message.id));
      unacknowledged.delete(message.id);
    } else if ("error" in message) call?.reject(new WorkerError(clip(message.error, SAID_CHARACTERS)));
    else call?.resolve(message.value);
  }
}

function filesOf(module: string): string[] {
  return module.startsWith("file:") ? [fileURLToPath(module)] : [];
}

/** Messages sent together arrive together, so that a call that is aborted immediately never starts. */
function send(channel: Duplex, message: Json): void {
  if (channel.writableCorked === 0) {
    channel.cork();
    process.nextTick(() => channel.uncork());
  }
  channel.write(`${JSON.stringify(message)}\n`);
}

function errorOf(why: string, { limitMb }: ProcessScope): Error {
  return why.includes("heap out of memory")
    ? new MemoryExceededError(`A tool's process used all of its ${limitMb} MB of memory.`)
    : new WorkerError(`The tool's process ${why}.`);
}
