import { fileURLToPath } from "node:url";
import { z } from "zod";
import { MemoryExceededError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import { clip, printable } from "../format/text.ts";
import { readMessages } from "./message-lines.ts";
import type { ProcessScope } from "./process-scope.ts";
import { type AgentProcess, channelOf, startProcess } from "./start-process.ts";

/** A call that came to nothing: the function threw, or its process ended. The message is fit for the agent. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}

export interface ModuleWorkerOptions {
  /** URL of a module that Node runs as it is. */
  readonly module: string;
  /** The attempt that it works for: its memory, and its end. */
  readonly memory: ProcessScope;
  /** Ends it, whatever it is doing. */
  readonly signal: AbortSignal;
  readonly folder?: string | undefined;
}

const WORKER = fileURLToPath(new URL("./module-worker.mjs", import.meta.url));
/** How long a call that is aborted may keep the process busy before all of it is ended. */
const ABORT_MS = 1000;
/** What is kept of what it says on its standard error, for the sentence about its end. */
const SAID_CHARACTERS = 500;

const messageSchema = z.union([
  z.object({ id: z.number(), value: z.json() }),
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), isHeard: z.literal(true) }),
]);

interface Call {
  resolve(value: Json): void;
  reject(error: unknown): void;
}

interface Running {
  readonly child: AgentProcess;
  readonly calls: Map<number, Call>;
  /** Calls that were aborted, until the process has heard of it. */
  readonly unheard: Map<number, NodeJS.Timeout>;
}

/**
 * Runs functions of a module for one attempt, in a process of its own: started at the first call, alive until the attempt
 * ends, and started anew after it has crashed.
 *
 * A process and not a thread, because a thread's `resourceLimits` bound its heap alone: with 100 MB of them a thread took
 * 1 GB of Buffers, which nobody could tell from the engine's own memory. A process costs about 50 ms at its first call
 * and 7 MB more than a thread, is watched with all else that the attempt runs, and takes nobody with it when it dies.
 */
export class ModuleWorker {
  readonly #options: ModuleWorkerOptions;
  #running: Running | undefined;
  #calls = 0;

  constructor(options: ModuleWorkerOptions) {
    this.#options = options;
  }

  /**
   * Calls an exported function with parameters as JSON, and a signal after them.
   *
   * @throws WorkerError; the signal's reason when it aborts; MemoryExceededError.
   */
  async call(name: string, parameters: readonly Json[], signal: AbortSignal): Promise<Json> {
    signal.throwIfAborted();
    this.#running ??= this.#start();
    const { child, calls, unheard } = this.#running;
    const id = ++this.#calls;
    const abort = () => {
      send(child, { id, isAborted: true });
      unheard.set(
        id,
        setTimeout(() => child.kill("SIGKILL"), ABORT_MS),
      );
      calls.get(id)?.reject(signal.reason);
    };
    try {
      return await new Promise<Json>((resolve, reject) => {
        calls.set(id, { resolve, reject });
        signal.addEventListener("abort", abort, { once: true });
        send(child, { id, name, parameters });
      });
    } finally {
      calls.delete(id);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends the process with all that it started. */
  close(): void {
    this.#running?.child.kill("SIGKILL");
  }

  #start(): Running {
    const { module, memory, signal, folder } = this.#options;
    // Collects its garbage before it comes to the bound.
    const parameters = [`--max-old-space-size=${memory.limitMb}`, WORKER];
    const child = startProcess(process.execPath, parameters, { memory, signal, folder, hasChannel: true });
    const running: Running = { child, calls: new Map(), unheard: new Map() };
    send(child, { module });
    let said = "";
    child.stdout.resume();
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-SAID_CHARACTERS);
    });
    let trouble: string | undefined;
    const onTrouble = (why: string) => {
      trouble = why;
      child.kill("SIGKILL");
    };
    readMessages(channelOf(child), (message) => this.#receive(running, message, onTrouble), onTrouble);
    const onEnd = (how: string) => {
      if (this.#running === running) this.#running = undefined;
      for (const timer of running.unheard.values()) clearTimeout(timer);
      const why = trouble ?? (said.trim() ? `${how}: ${printable(said.trim())}` : how);
      const error = [signal, memory.exceeded].find(({ aborted }) => aborted)?.reason ?? errorOf(why, memory);
      for (const call of running.calls.values()) call.reject(error);
    };
    child.once("error", (error) => onEnd(error.message));
    child.once("close", (code, killer) => onEnd(`ended with ${code ?? killer}`));
    return running;
  }

  #receive({ calls, unheard }: Running, given: unknown, onTrouble: (why: string) => void): void {
    const parsed = messageSchema.safeParse(given);
    if (!parsed.success) {
      onTrouble("sent what is no message");
      return;
    }
    const message = parsed.data;
    const call = calls.get(message.id);
    if ("isHeard" in message) {
      clearTimeout(unheard.get(message.id));
      unheard.delete(message.id);
    } else if ("error" in message) call?.reject(new WorkerError(clip(message.error, SAID_CHARACTERS)));
    else call?.resolve(message.value);
  }
}

/** What is sent in one go arrives in one go: a call that is aborted at once is not begun. */
function send(child: AgentProcess, message: Json): void {
  const channel = channelOf(child);
  if (channel.writableCorked === 0) {
    channel.cork();
    process.nextTick(() => channel.uncork());
  }
  channel.write(`${JSON.stringify(message)}\n`);
}

function errorOf(why: string, { limitMb }: ProcessScope): Error {
  return why.includes("heap out of memory")
    ? new MemoryExceededError(`A tool's process took all of the ${limitMb} MB of memory that it may have.`)
    : new WorkerError(`The tool's process ${why}.`);
}
