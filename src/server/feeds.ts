import type { Database } from "../postgres/database.ts";
import { changingRequests } from "../postgres/request-rows.ts";
import { changingThreads } from "../postgres/threads/list.ts";
import { Feed, type FeedItem } from "./feed.ts";
import { requestViewOf, requestViews, taskViews, threadRowOf, threadView } from "./views.ts";

/** How far back a look at all threads goes: further than the longest pause between two. */
const CHANGED_WITHIN_SECONDS = 30;
const MOST_THREADS = 200;

/** The feeds that somebody listens to: one for each thread, and one for the list of all. */
export class Feeds {
  readonly #database: () => Promise<Database>;
  readonly #feeds = new Map<string, Feed>();

  constructor(database: () => Promise<Database>) {
    this.#database = database;
  }

  /** How many there are: those that nobody listens to are forgotten after a while. */
  get size(): number {
    return this.#feeds.size;
  }

  ofThread(threadId: string): Feed {
    return this.#get(threadId, async () => lookAtThread(await this.#database(), threadId), true);
  }

  ofAll(): Feed {
    const open = new Set<string>();
    return this.#get("", async () => lookAtAll(await this.#database(), open), false);
  }

  #get(key: string, look: () => Promise<readonly FeedItem[]>, isWhole: boolean): Feed {
    const known = this.#feeds.get(key);
    if (known) return known;
    const feed = new Feed(look, isWhole, () => this.#feeds.delete(key));
    this.#feeds.set(key, feed);
    return feed;
  }
}

async function lookAtThread(database: Database, threadId: string): Promise<FeedItem[]> {
  const [thread, tasks, requests] = await Promise.all([
    threadView(database, threadId),
    taskViews(database, threadId),
    requestViews(database, threadId),
  ]);
  return [
    { event: "thread", key: thread.id, data: thread },
    ...tasks.map((task) => ({ event: "tasks", key: task.id, data: task })),
    ...requests.map((request) => ({ event: "requests", key: request.id, data: request })),
  ];
}

/** @param open - the requests that waited at the last look: how they ended is told, too. */
async function lookAtAll(database: Database, open: Set<string>): Promise<FeedItem[]> {
  const [threads, requests] = await Promise.all([
    changingThreads(database, CHANGED_WITHIN_SECONDS, MOST_THREADS),
    changingRequests(database, [...open]),
  ]);
  open.clear();
  for (const request of requests) if (request.status === "open") open.add(request.id);
  return [
    ...threads.map((row) => ({ event: "threads", key: row.id, data: threadRowOf(row) })),
    ...requests.map((row) => ({ event: "requests", key: row.id, data: requestViewOf(row) })),
  ];
}
