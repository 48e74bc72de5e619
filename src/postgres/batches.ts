import type { Database } from "./database.ts";
import { troubleOf } from "./trouble.ts";

/** Processes several items of one key in one statement. Returns the results in the items' order. */
type Perform<Item, Result> = (
  database: Database,
  key: string,
  items: readonly Item[],
) => Promise<readonly Result[]>;

interface Asked<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Batches statements of parallel lanes: items that arrive while a statement runs are processed together in the next one. An
 * item never waits for others to join it, because lanes that are answered together would then stay in step. A batch is
 * atomic; a failed batch is retried item by item, so that one item cannot harm the others.
 */
export class Batches<Item, Result> {
  readonly #perform: Perform<Item, Result>;
  readonly #queues = new WeakMap<Database, Map<string, Asked<Item, Result>[]>>();

  constructor(perform: Perform<Item, Result>) {
    this.#perform = perform;
  }

  /** Processes the item, alone or with others of the same key. */
  do(database: Database, key: string, item: Item): Promise<Result> {
    const queues = this.#queues.get(database) ?? new Map<string, Asked<Item, Result>[]>();
    this.#queues.set(database, queues);
    return new Promise((resolve, reject) => {
      const asked = { item, resolve, reject };
      const waiting = queues.get(key);
      if (waiting) {
        waiting.push(asked);
        return;
      }
      queues.set(key, [asked]);
      void this.#drain(database, queues, key);
    });
  }

  async #drain(database: Database, queues: Map<string, Asked<Item, Result>[]>, key: string): Promise<void> {
    for (;;) {
      const batch = queues.get(key)?.splice(0) ?? [];
      if (batch.length === 0) break;
      await this.#settle(database, key, batch);
    }
    queues.delete(key);
  }

  /** Never throws: errors go to the items' callers. */
  async #settle(database: Database, key: string, batch: readonly Asked<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#perform(
        database,
        key,
        batch.map(({ item }) => item),
      );
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result === undefined)
          reject(new Error(`A batch of ${batch.length} has ${results.length} results.`));
        else resolve(result);
      }
    } catch (error) {
      if (batch.length === 1 || troubleOf(error) !== undefined) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.#settle(database, key, [one]);
    }
  }
}
