import { setTimeout as sleep } from "node:timers/promises";
import { MAX_PARALLEL } from "../domain/config.ts";
import type { SessionLocks } from "./session-locks.ts";

const SLOTS = Array.from({ length: MAX_PARALLEL }, (_, index) => index + 1);

/** The poll interval for a slot that another process holds. */
const RETRY_MS = 25;

interface Waiter {
  readonly resolve: (slot: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread's slots in this process: the held ones, and the waiters in order. */
interface ThreadSlots {
  readonly held: Set<number>;
  readonly waiting: Waiter[];
  isAsking: boolean;
}

/**
 * The ten slots of each thread, shared by all processes on all machines. An agent runs only while it holds a slot. Without a
 * free slot it waits, first come, first served within a process. Slots are advisory locks, so Postgres releases those of a
 * dead process immediately.
 */
export class Slots {
  readonly #locks: SessionLocks;
  readonly #threads = new Map<string, ThreadSlots>();

  constructor(locks: SessionLocks) {
    this.#locks = locks;
  }

  /**
   * Runs `work` while holding a slot of the thread. Waits for a slot without limit, until `signal` aborts. Afterwards the
   * longest waiter of this process gets the slot; without waiters it is released in the background.
   */
  async withSlot<T>(threadId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const slot = await this.#acquire(threadId, signal);
    try {
      return await work();
    } finally {
      this.#release(threadId, slot);
    }
  }

  /** Whether this process has a waiter for a slot of the thread. Long work should then release its slot. */
  hasWaiters(threadId: string): boolean {
    return (this.#threads.get(threadId)?.waiting.length ?? 0) > 0;
  }

  #acquire(threadId: string, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const thread = this.#threads.get(threadId) ?? { held: new Set(), waiting: [], isAsking: false };
    this.#threads.set(threadId, thread);
    const granted = new Promise<number>((resolve, reject) => {
      const stopListening = () => signal.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        resolve: (slot) => {
          stopListening();
          resolve(slot);
        },
        reject: (error) => {
          stopListening();
          reject(error);
        },
      };
      const onAbort = () => {
        const place = thread.waiting.indexOf(waiter);
        if (place >= 0) thread.waiting.splice(place, 1);
        waiter.reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort);
      thread.waiting.push(waiter);
    });
    void this.#askServer(threadId, thread);
    return granted;
  }

  /** Takes slots for the waiters, one loop per thread. Never throws: errors go to the waiters. */
  async #askServer(threadId: string, thread: ThreadSlots): Promise<void> {
    if (thread.isAsking) return;
    thread.isAsking = true;
    try {
      while (thread.waiting.length > 0 && thread.held.size < MAX_PARALLEL) {
        const slots = await this.#takeFree(threadId, thread);
        if (slots.length === 0) await sleep(RETRY_MS);
        for (const slot of slots) await this.#handOver(threadId, thread, slot);
      }
    } catch (error) {
      for (const waiter of thread.waiting.splice(0)) waiter.reject(error);
    } finally {
      thread.isAsking = false;
    }
  }

  /** Takes up to one free slot per waiter, in one statement when all are free. */
  async #takeFree(threadId: string, { held, waiting }: ThreadSlots): Promise<number[]> {
    const others = SLOTS.filter((slot) => !held.has(slot));
    const wanted = waiting.length;
    for (let first = 0; first < others.length; first += wanted) {
      const taken = await this.#locks.trySlots(threadId, others.slice(first, first + wanted));
      if (taken.length > 0) return taken;
    }
    return [];
  }

  /** Gives a held slot to the first waiter, else releases it. */
  async #handOver(threadId: string, thread: ThreadSlots, slot: number): Promise<void> {
    const next = thread.waiting.shift();
    if (next) {
      thread.held.add(slot);
      next.resolve(slot);
      return;
    }
    await this.#locks.unlock({ threadId, slot });
    thread.held.delete(slot);
    if (thread.held.size > 0 || thread.waiting.length > 0) void this.#askServer(threadId, thread);
    else if (this.#threads.get(threadId) === thread) this.#threads.delete(threadId);
  }

  #release(threadId: string, slot: number): void {
    const thread = this.#threads.get(threadId);
    if (!thread) return;
    void this.#handOver(threadId, thread, slot).catch(() => undefined);
  }
}
