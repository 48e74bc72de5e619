import { setTimeout as sleep } from "node:timers/promises";
import pg, { type Client } from "pg";
import { ChangeSignal } from "../domain/change-signal.ts";
import { messageOf } from "../domain/errors.ts";
import type { Database } from "./database.ts";
import { type Line, openFirstLine, openLine } from "./lock-line.ts";
import {
  type Backend,
  endBackend,
  type LockName,
  raiseEpoch,
  standingOf,
  tryLock,
  trySlots,
  unlock,
} from "./lock-statements.ts";
import { isLost, troubleOf } from "./trouble.ts";

/**
 * Advisory locks of this process, all on one dedicated connection, so that the server itself releases them
 * when the process dies. Within a process they do not exclude each other: the holder keeps its own count.
 *
 * A connection that is lost is made again, and the locks are taken again. A thread stays ours only if nobody had its lock
 * meanwhile: each process that takes it raises the epoch in its row.
 */
export interface SessionLocks {
  /** Takes a thread's lock for one run, if nobody else has it, and raises the thread's epoch. */
  lockThread(threadId: string): Promise<boolean>;
  /** Takes those of a thread's slots that nobody else has, and says which. */
  trySlots(threadId: string, slots: readonly number[]): Promise<number[]>;
  /** Never throws: a lock that cannot be released is gone with its connection. */
  unlock(name: LockName): Promise<void>;
  /** Calls `hear` with each message that is sent on the channel from now on, also after the connection was lost. */
  listen(channel: string, hear: (message: string) => void): Promise<void>;
  /** Resolves when the locks are held; immediately, unless the connection was lost. Rejects when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What became of threads while the connection was lost. */
export interface LockEvents {
  /** Another process has, or had, the thread: this one must stop. */
  readonly onTaken: (threadId: string) => void;
  /** A human cancelled the thread. */
  readonly onCancelled: (threadId: string) => void;
}

const NOTHING: LockEvents = { onTaken: () => undefined, onCancelled: () => undefined };

/** Opens the connection. Statements on it run one after another. A server that is full is waited for. */
export async function openSessionLocks(database: Database, events = NOTHING): Promise<SessionLocks> {
  return new Session(database, events, await openFirstLine(database));
}

/** How often the connection is used at least, so that a silent server is noticed while all else waits for Claude. */
const PING_EVERY_MS = 4000;
/** How long a backend of ours may take to end and give its locks back. */
const RETAKE_WITHIN_MS = 3000;
const RETAKE_EVERY_MS = 25;
const CLOSE_WITHIN_MS = 2000;

class Session implements SessionLocks {
  readonly #database: Database;
  readonly #events: LockEvents;
  readonly #stop = new AbortController();
  readonly #changes = new ChangeSignal();
  readonly #listeners = new Map<string, (message: string) => void>();
  /** The locks that are held: slots by thread, and the epochs of threads that are run. */
  readonly #slots = new Map<string, Set<number>>();
  readonly #epochs = new Map<string, number>();
  readonly #ping: NodeJS.Timeout;
  #line: Line;
  #isLost = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(database: Database, events: LockEvents, line: Line) {
    this.#database = database;
    this.#events = events;
    this.#line = line;
    this.#follow(line);
    this.#ping = setInterval(() => {
      // The first statement that waits is enough to notice.
      if (!this.#isLost) void this.#inTurn(() => this.#line.client.query("SELECT 1")).catch(() => undefined);
    }, PING_EVERY_MS).unref();
  }

  async lockThread(threadId: string): Promise<boolean> {
    // Two steps, because a session that takes a lock twice must release it twice.
    if (!(await this.#do((client) => tryLock(client, { threadId, slot: 0 })))) return false;
    this.#keep(threadId, [0]);
    const epoch = await this.#do((client) => raiseEpoch(client, threadId));
    if (!this.#slots.get(threadId)?.has(0)) return false; // It was taken between the two.
    this.#epochs.set(threadId, epoch);
    return true;
  }

  trySlots(threadId: string, slots: readonly number[]): Promise<number[]> {
    return this.#do(async (client) => {
      const taken = await trySlots(client, threadId, slots);
      this.#keep(threadId, taken);
      return taken;
    });
  }

  async unlock(name: LockName): Promise<void> {
    this.#drop(name);
    // A connection that is being made again takes only what is still held.
    if (!this.#isLost) await this.#inTurn(() => unlock(this.#line.client, name)).catch(() => undefined);
  }

  async listen(channel: string, hear: (message: string) => void): Promise<void> {
    this.#listeners.set(channel, hear);
    await this.#do((client) => client.query(`LISTEN ${pg.escapeIdentifier(channel)}`));
  }

  async ready(signal: AbortSignal): Promise<void> {
    while (this.#isLost) await this.#changes.after(this.#changes.version, signal);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("The locks of this process were closed."));
    clearInterval(this.#ping);
    const { client } = this.#line;
    await Promise.race([client.end(), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  #keep(threadId: string, slots: readonly number[]): void {
    if (slots.length === 0) return;
    this.#slots.set(threadId, new Set([...(this.#slots.get(threadId) ?? []), ...slots]));
  }

  #drop({ threadId, slot }: LockName): void {
    const slots = this.#slots.get(threadId);
    slots?.delete(slot);
    if (slots?.size === 0) this.#slots.delete(threadId);
    if (slot === 0) this.#epochs.delete(threadId);
  }

  /** Makes statements on the connection that may be made again, until they succeed or the locks are closed. */
  #do<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { signal } = this.#stop;
    return this.#inTurn(() =>
      this.#database.owed.until(async () => {
        await this.ready(signal);
        const line = this.#line;
        return work(line.client).catch((error: unknown) => {
          if (isLost(error)) this.#lose(line);
          throw error;
        });
      }, signal),
    );
  }

  /** Lets work begin when the work before it has ended: a connection takes one statement at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result;
    return result;
  }

  #follow(line: Line): void {
    line.client.on("end", () => this.#lose(line));
    line.client.on("notification", ({ channel, payload = "" }) => this.#listeners.get(channel)?.(payload));
  }

  #lose(line: Line): void {
    if (this.#isLost || this.#line !== line || this.#stop.signal.aborted) return;
    this.#isLost = true;
    void this.#database.owed
      .until(() => this.#reconnect(line.backend), this.#stop.signal, { waitsFor: lineTrouble })
      .catch(() => undefined); // It was closed.
  }

  async #reconnect(old: Backend): Promise<void> {
    const line = await openLine(this.#database);
    try {
      await endBackend(line.client, old);
      const lost: string[] = [];
      for (const threadId of this.#slots.keys()) {
        if (!(await this.#retake(line.client, threadId))) lost.push(threadId);
      }
      for (const channel of this.#listeners.keys()) {
        await line.client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      }
      for (const threadId of this.#epochs.keys()) {
        if ((await standingOf(line.client, threadId)).isCancelled) this.#events.onCancelled(threadId);
      }
      for (const threadId of lost) this.#giveUp(threadId);
    } catch (error) {
      void line.client.end().catch(() => undefined);
      throw error;
    }
    this.#line = line;
    this.#isLost = false;
    this.#follow(line);
    this.#changes.announce();
  }

  /** @returns whether the locks of the thread are held again, and nobody had the thread meanwhile. */
  async #retake(client: Client, threadId: string): Promise<boolean> {
    const giveUpAtMs = performance.now() + RETAKE_WITHIN_MS;
    const taken = new Set<number>();
    const missing = () => [...(this.#slots.get(threadId) ?? [])].filter((slot) => !taken.has(slot));
    for (;;) {
      for (const slot of await trySlots(client, threadId, missing())) taken.add(slot);
      if (missing().length === 0) break;
      if (performance.now() > giveUpAtMs) return false;
      await sleep(RETAKE_EVERY_MS);
    }
    for (const slot of taken) {
      if (!this.#slots.get(threadId)?.has(slot)) await unlock(client, { threadId, slot }); // Released meanwhile.
    }
    const epoch = this.#epochs.get(threadId);
    return epoch === undefined || epoch === (await standingOf(client, threadId)).epoch;
  }

  #giveUp(threadId: string): void {
    this.#slots.delete(threadId);
    this.#epochs.delete(threadId);
    this.#events.onTaken(threadId);
  }
}

/** Whatever keeps the connection from being made is waited out: the locks are needed. */
function lineTrouble(error: unknown): string {
  return troubleOf(error) ?? `Postgres does not give the locks of this process back (${messageOf(error)}).`;
}
