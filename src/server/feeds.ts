import type { HumanRequest } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import { TABLES, type Table, type WatchedRow } from "../postgres/tables.ts";
import { Feed, type FeedItem } from "./feed.ts";
import { requestViewOf } from "./views.ts";

/** The feeds with readers: one for each thread, and one for all threads. */
export class Feeds {
  readonly #database: () => Promise<Database>;
  readonly #tables: readonly Table[];
  readonly #feeds = new Map<string, Feed>();

  /** @param tables - the tables whose changes are sent. */
  constructor(database: () => Promise<Database>, tables: readonly Table[] = TABLES) {
    this.#database = database;
    this.#tables = tables;
  }

  /** The number of feeds. A feed without readers is removed after a while. */
  get size(): number {
    return this.#feeds.size;
  }

  ofThread(threadId: string): Feed {
    return this.#get(threadId, async () => this.#lookAtThread(await this.#database(), threadId), true);
  }

  ofAll(): Feed {
    const openKeys = new Map<Table, readonly string[]>();
    return this.#get("", async () => this.#lookAtAll(await this.#database(), openKeys), false);
  }

  #get(key: string, look: () => Promise<readonly FeedItem[]>, isWhole: boolean): Feed {
    const known = this.#feeds.get(key);
    if (known) return known;
    const feed = new Feed(look, isWhole, () => this.#feeds.delete(key));
    this.#feeds.set(key, feed);
    return feed;
  }

  async #lookAtThread(database: Database, threadId: string): Promise<FeedItem[]> {
    const looks = this.#tables.map(async ({ ofThread }) =>
      ofThread ? itemsOf(ofThread.event, await ofThread.look(database, threadId)) : [],
    );
    return (await Promise.all(looks)).flat();
  }

  /** @param openKeys - by table, the rows that were open at the last look, so that their end is sent. */
  async #lookAtAll(database: Database, openKeys: Map<Table, readonly string[]>): Promise<FeedItem[]> {
    const looks = this.#tables.map(async (table) => {
      if (!table.ofAll) return [];
      const rows = await table.ofAll.look(database, openKeys.get(table) ?? []);
      openKeys.set(
        table,
        rows.flatMap(({ key, isOpen }) => (isOpen ? key : [])),
      );
      return itemsOf(table.ofAll.event, rows);
    });
    return (await Promise.all(looks)).flat();
  }
}

function itemsOf(event: string, rows: readonly WatchedRow[]): FeedItem[] {
  const view = VIEWS[event];
  return rows.map(({ key, row }) => ({ event, key, data: view ? view(row) : row }));
}

/** The views of rows that are not sent unchanged. */
const VIEWS: Readonly<Record<string, (row: unknown) => unknown>> = {
  requests: (row) => requestViewOf(row as HumanRequest),
};
