import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ChangeSignal } from "../domain/change-signal.ts";

/** The current state of one row: its event's name, and its key, unique for that event. */
export interface FeedItem {
  readonly event: string;
  readonly key: string;
  readonly data: unknown;
}

/** All new and changed rows of one kind. Only the last event of a batch has an id. */
export interface FeedEvent {
  readonly event: string;
  readonly data: readonly unknown[];
  readonly id?: string;
}

const LEAST_PAUSE_MS = 400;
/** The most share of time for database queries. */
const BUSY_SHARE = 0.2;
/** How long a feed without readers keeps its state, for a reader that reconnects. */
const IDLE_MS = 30_000;

/**
 * Polls the database while there are readers, once for all of them, and sends each reader the changes since its last event.
 * There is no queue: a slow reader gets the newest state later.
 */
export class Feed {
  readonly #look: () => Promise<readonly FeedItem[]>;
  readonly #isWhole: boolean;
  readonly #changes = new ChangeSignal();
  readonly #epoch = randomBytes(6).toString("hex");
  readonly #sent = new Map<string, FeedItem & { json: string; version: number }>();
  readonly #onIdle: () => void;
  /** Readers with an older version have rows that were removed. */
  #floor = 0;
  #readers = 0;
  #looking: AbortController | undefined;
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param isWhole - whether each look returns all rows, so that a missing row was removed.
   * @param onIdle - called when there has been no reader for a while.
   */
  constructor(look: () => Promise<readonly FeedItem[]>, isWhole: boolean, onIdle: () => void) {
    this.#look = look;
    this.#isWhole = isWhole;
    this.#onIdle = onIdle;
  }

  /**
   * Yields the whole state, or after a reconnect the changes since `lastEventId`; then each change.
   *
   * @param lastEventId - the id of the reader's last event.
   * @throws the error of a failed look, to every reader. They may reconnect.
   */
  async *read(lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    const failed = this.#join();
    const either = AbortSignal.any([signal, failed]);
    try {
      if (this.#changes.version === 0) await this.#changes.after(0, either);
      let seen = this.#versionOf(lastEventId);
      for (;;) {
        const { version } = this.#changes;
        yield* this.#since(seen, version);
        seen = version;
        await this.#changes.after(version, either);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#leave();
    }
  }

  #versionOf(lastEventId = ""): number {
    const [epoch, version] = lastEventId.split(".");
    return epoch === this.#epoch && /^\d{1,15}$/.test(version ?? "") ? Number(version) : 0;
  }

  *#since(seen: number, version: number): Generator<FeedEvent> {
    const isStale = seen > 0 && seen < this.#floor;
    const changed = [...this.#sent.values()].filter((item) => isStale || item.version > seen);
    const kinds = [...new Set(changed.map(({ event }) => event))];
    const events: FeedEvent[] = isStale ? [{ event: "reset", data: [] }] : [];
    for (const event of kinds) {
      events.push({ event, data: changed.filter((item) => item.event === event).map(({ data }) => data) });
    }
    for (const [index, event] of events.entries()) {
      yield index === events.length - 1 ? { ...event, id: `${this.#epoch}.${version}` } : event;
    }
  }

  #join(): AbortSignal {
    this.#readers += 1;
    clearTimeout(this.#idle);
    if (!this.#looking || this.#looking.signal.aborted) {
      this.#looking = new AbortController();
      void this.#lookWhileNeeded(this.#looking);
    }
    return this.#looking.signal;
  }

  #leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.#looking?.abort();
    this.#idle = setTimeout(this.#onIdle, IDLE_MS).unref();
  }

  async #lookWhileNeeded(looking: AbortController): Promise<void> {
    try {
      while (!looking.signal.aborted) {
        const beganMs = performance.now();
        this.#update(await this.#look());
        const tookMs = performance.now() - beganMs;
        await sleep(Math.max(LEAST_PAUSE_MS, tookMs / BUSY_SHARE), undefined, { signal: looking.signal });
      }
    } catch (error) {
      looking.abort(error);
    }
  }

  #update(items: readonly FeedItem[]): void {
    const version = this.#changes.version + 1;
    const keys = new Set(items.map(keyOf));
    const gone = this.#isWhole ? [...this.#sent.keys()].filter((key) => !keys.has(key)) : [];
    for (const key of gone) this.#sent.delete(key);
    if (gone.length > 0) this.#floor = version;
    let isNews = gone.length > 0 || version === 1;
    for (const item of items) {
      const json = JSON.stringify(item.data);
      if (this.#sent.get(keyOf(item))?.json === json) continue;
      this.#sent.set(keyOf(item), { ...item, json, version });
      isNews = true;
    }
    if (isNews) this.#changes.announce();
  }
}

function keyOf({ event, key }: FeedItem): string {
  return `${event} ${key}`;
}
