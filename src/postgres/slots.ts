import { setTimeout as sleep } from "node:timers/promises";
import { MAX_PARALLEL } from "../domain/config.ts";
import type { SessionLocks } from "./session-locks.ts";

const SLOTS = Array.from({ length: MAX_PARALLEL }, (_, index) => index + 1);

/** How often a process asks again for a slot which other processes hold. */
const RETRY_MS = 25;

interface Waiter {
  readonly resolve: (slot: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread's slots as this process sees them: those it holds, and who waits for one, in order. */
interface ThreadSlots {
  readonly held: Set<number>;
  readonly waiting: Waiter[];
  isAsking: boolean;
}

/**
 * The ten slots of each thread, shared by all processes on all machines. An agent runs only while it holds
 * one; whoever finds none free waits, first come first served within a process. Slots are advisory locks, so
 * a process that dies gives all of its own back at once.
 */
export class Slots {
  readonly #locks: SessionLocks;
  readonly #threads = new Map<string, ThreadSlots>();

  constructor(locks: SessionLocks) {
    this.#locks = locks;
  }

  /**
   * Runs `work` while holding a slot of the thread; waits for one as long as it takes, unless `signal` aborts.
   * However `work` ends, the slot goes to whoever waits longest here, else back to the server, which nobody waits for.
   */
  async withSlot<T>(threadId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const slot = await this.#acquire(threadId, signal);
    try {
      return await work();
    } finally {
      this.#release(threadId, slot);
    }
  }

  /** Whether somebody in this process waits for a slot of the thread: a long holder should let them in. */
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

  /** Gets slots from the server for those who wait, one asker a thread; never throws, waiters are told. */
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

  /** As many free slots as there are waiters, or fewer: ten lanes that start have theirs in one statement. */
  async #takeFree(threadId: string, { held, waiting }: ThreadSlots): Promise<number[]> {
    const others = SLOTS.filter((slot) => !held.has(slot));
    const wanted = waiting.length;
    for (let first = 0; first < others.length; first += wanted) {
      const taken = await this.#locks.trySlots(threadId, others.slice(first, first + wanted));
      if (taken.length > 0) return taken;
    }
    return [];
  }

  /** Gives a slot that this process has to the first who waits; with nobody waiting, back to the server. */
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
