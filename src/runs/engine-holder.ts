import { UsageError } from "../domain/errors.ts";
import { closedError } from "./closed-error.ts";
import type { Engine } from "./engine.ts";

/** Opens an engine at its first use and gives the same one to all callers, until it is closed. */
export class EngineHolder {
  readonly #open: () => Promise<Engine>;
  #opened: Promise<Engine> | undefined;
  #isClosed = false;

  constructor(open: () => Promise<Engine>) {
    this.#open = open;
  }

  /**
   * Opens another engine after a failed opening. An engine outlives its connections.
   *
   * @throws UsageError after `close`.
   */
  readonly engine = async (): Promise<Engine> => {
    this.checkOpen();
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    const engine = await this.#opened;
    this.checkOpen();
    return engine;
  };

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  /** @throws UsageError after `close`. */
  checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  /** Closes the engine if it was opened; a second call does nothing. An opening that fails is an error of its caller only. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closing = this.#opened;
    this.#opened = undefined;
    await closing?.then(
      (engine) => engine.close(),
      () => undefined,
    );
  }
}

/** All copies of the package in a process share its engine under this key. */
const KEY = Symbol.for("decurion");

/** Makes this the engine of the process, on which graphs made with `defineGraph` run. */
export function hostEngine(open: () => Promise<Engine>): EngineHolder {
  const holder = new EngineHolder(open);
  Reflect.set(globalThis, KEY, holder);
  return holder;
}

/** @throws UsageError when the process has no engine. */
export async function processEngine(): Promise<Engine> {
  const holder: unknown = Reflect.get(globalThis, KEY);
  if (isHolder(holder)) return holder.engine();
  throw new UsageError(
    "No engine runs this graph: use the command line or the LangGraph server, or pass the graph to the workflow() of createDecurion().",
  );
}

/** Checks the shape, not the class: another copy of the package may have created it. */
function isHolder(value: unknown): value is Pick<EngineHolder, "engine"> {
  return typeof value === "object" && value !== null && "engine" in value;
}
