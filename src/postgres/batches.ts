import type { Database } from "./database.ts";
import { troubleOf } from "./trouble.ts";

/** Does several items of one key in one statement; the results are in the items' order. */
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
 * Statements that ten lanes make at about the same moment, as few: what is asked for while a statement is under way waits
 * for it and is done in the next one, together. Nothing is held back for others to join it: lanes that were answered
 * together would ask Claude, and be answered, together ever after. All of a batch take effect or none; one that fails is
 * done again item by item, so that none harms the others.
 */
export class Batches<Item, Result> {
  readonly #perform: Perform<Item, Result>;
  readonly #queues = new WeakMap<Database, Map<string, Asked<Item, Result>[]>>();

  constructor(perform: Perform<Item, Result>) {
    this.#perform = perform;
  }

  /** Does the item, alone or with others of the same key. */
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

  /** Never throws: whoever asked is told. */
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
