import { UsageError } from "../domain/errors.ts";
import type { Engine } from "./engine.ts";

/** Opens an engine at its first use and hands the same one to all. */
export class EngineHolder {
  readonly #open: () => Promise<Engine>;
  #opened: Promise<Engine> | undefined;

  constructor(open: () => Promise<Engine>) {
    this.#open = open;
  }

  /** Opens again what failed to open. */
  readonly engine = (): Promise<Engine> => {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  };

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  /** Closes the engine if it was opened. */
  async close(): Promise<void> {
    const closing = this.#opened;
    this.#opened = undefined;
    await closing?.then((engine) => engine.close());
  }
}

/** Under this name all copies of the package in a process find the one engine of the process. */
const KEY = Symbol.for("decurion");

/** Makes this the engine of the process, on which graphs made with `defineGraph` run. */
export function hostEngine(open: () => Promise<Engine>): EngineHolder {
  const holder = new EngineHolder(open);
  Reflect.set(globalThis, KEY, holder);
  return holder;
}

/** @throws UsageError when the process has none. */
export async function processEngine(): Promise<Engine> {
  const holder: unknown = Reflect.get(globalThis, KEY);
  if (isHolder(holder)) return holder.engine();
  throw new UsageError(
    "Nothing runs this graph here: run it with the command line or the LangGraph server, or give it to the workflow() of createDecurion().",
  );
}

/** By its shape, not its class: another copy of the package may have made it. */
function isHolder(value: unknown): value is Pick<EngineHolder, "engine"> {
  return typeof value === "object" && value !== null && "engine" in value;
}
