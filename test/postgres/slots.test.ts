import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once, setMaxListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { MAX_PARALLEL } from "../../src/domain/config.ts";
import { isThreadLocked, openSessionLocks, type SessionLocks } from "../../src/postgres/session-locks.ts";
import { Slots } from "../../src/postgres/slots.ts";
import { testDatabaseUrl, useTestDatabase } from "../support/database.ts";
import { useProgram } from "../support/program.ts";

const db = useTestDatabase();
const program = useProgram("hold-lock");
const never = new AbortController().signal;
setMaxListeners(0, never); // All that wait for a slot listen to it, as they do to a run's own.
const opened: SessionLocks[] = [];

/** A process of its own as far as Postgres can tell: another connection. */
async function newProcess(): Promise<{ locks: SessionLocks; slots: Slots }> {
  const locks = await openSessionLocks(db());
  opened.push(locks);
  return { locks, slots: new Slots(locks) };
}

afterEach(async () => {
  for (const locks of opened.splice(0)) await locks.close();
});

/** Work that goes on until it is told to end, and counts how much of it goes on at once. */
function createWork() {
  let running = 0;
  let peak = 0;
  const ends: (() => void)[] = [];
  const started: (() => void)[] = [];
  return {
    peak: () => peak,
    running: () => running,
    endOne: () => ends.shift()?.(),
    endAll: () => {
      for (const end of ends.splice(0)) end();
    },
    untilRunning: (count: number) =>
      new Promise<void>((resolve) => {
        const check = () => (running >= count ? resolve() : started.push(check));
        check();
      }),
    run: () => {
      running += 1;
      peak = Math.max(peak, running);
      for (const check of started.splice(0)) check();
      return new Promise<void>((resolve) =>
        ends.push(() => {
          running -= 1;
          resolve();
        }),
      );
    },
  };
}

describe("Slots", () => {
  it("lets ten run at once over several processes and no eleventh", async () => {
    const threadId = randomUUID();
    const processes = await Promise.all(Array.from({ length: 4 }, newProcess));
    const work = createWork();
    const all = Array.from({ length: 24 }, (_, index) =>
      processes[index % 4]?.slots.withSlot(threadId, never, () => work.run()),
    );
    await work.untilRunning(MAX_PARALLEL);
    for (let left = 24; left > MAX_PARALLEL; left--) {
      work.endOne();
      await work.untilRunning(Math.min(MAX_PARALLEL, left - 1));
    }
    while (work.running() > 0) work.endOne();
    await Promise.all(all);
    expect(work.peak()).toBe(MAX_PARALLEL);
  });

  it("serves those who wait in a process in their order, and says that somebody waits", async () => {
    const threadId = randomUUID();
    const { slots } = await newProcess();
    const work = createWork();
    const full = Array.from({ length: MAX_PARALLEL }, () =>
      slots.withSlot(threadId, never, () => work.run()),
    );
    await work.untilRunning(MAX_PARALLEL);
    expect(slots.hasWaiters(threadId)).toBe(false);
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) =>
      slots.withSlot(threadId, never, async () => void order.push(number)),
    );
    expect(slots.hasWaiters(threadId)).toBe(true);
    work.endAll();
    await Promise.all([...full, ...waiting]);
    expect(order).toEqual([1, 2, 3]);
  });

  it("keeps threads apart", async () => {
    const { slots } = await newProcess();
    const work = createWork();
    const all = Array.from({ length: 20 }, (_, index) =>
      slots.withSlot(index % 2 ? THREADS.a : THREADS.b, never, () => work.run()),
    );
    await work.untilRunning(20);
    work.endAll();
    await Promise.all(all);
    expect(work.peak()).toBe(20);
  });

  it("gives the slot back when the work throws", async () => {
    const threadId = randomUUID();
    const { slots } = await newProcess();
    for (let round = 0; round < MAX_PARALLEL + 2; round++) {
      await expect(slots.withSlot(threadId, never, () => Promise.reject(new Error("broke")))).rejects.toThrow(
        "broke",
      );
    }
  });

  it("lets one that waits be stopped, without a slot being lost", async () => {
    const threadId = randomUUID();
    const { slots } = await newProcess();
    const work = createWork();
    const full = Array.from({ length: MAX_PARALLEL }, () =>
      slots.withSlot(threadId, never, () => work.run()),
    );
    await work.untilRunning(MAX_PARALLEL);
    const stop = new AbortController();
    const waiting = slots.withSlot(threadId, stop.signal, () => work.run());
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    work.endAll();
    await Promise.all(full);
    const again = Array.from({ length: MAX_PARALLEL }, () =>
      slots.withSlot(threadId, never, () => work.run()),
    );
    await work.untilRunning(MAX_PARALLEL);
    work.endAll();
    await Promise.all(again);
  });

  it("does not start at all when it is stopped already", async () => {
    const { slots } = await newProcess();
    await expect(
      slots.withSlot(randomUUID(), AbortSignal.abort(new Error("stopped")), never_),
    ).rejects.toThrow("stopped");
  });
});

const THREADS = { a: randomUUID(), b: randomUUID() };
const never_ = () => Promise.reject(new Error("must not run"));

describe("openSessionLocks", () => {
  it("excludes other processes until it is unlocked", async () => {
    const name = { threadId: randomUUID(), slot: 0 };
    const [a, b] = [await newProcess(), await newProcess()];
    expect(await isThreadLocked(db(), name.threadId)).toBe(false);
    expect(await a.locks.tryLock(name)).toBe(true);
    expect(await b.locks.tryLock(name)).toBe(false);
    expect(await isThreadLocked(db(), name.threadId)).toBe(true);
    await a.locks.unlock(name);
    expect(await b.locks.tryLock(name)).toBe(true);
  });

  it("says when its connection, and with it every lock, is lost", async () => {
    const { locks } = await newProcess();
    const threadId = randomUUID();
    await locks.tryLock({ threadId, slot: 0 });
    const lost = once(locks.lost, "abort");
    await db().pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
       AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || current_schema() || ':' || $1, 0)`,
      [threadId],
    );
    await lost;
    expect(await isThreadLocked(db(), threadId)).toBe(false);
    opened.splice(opened.indexOf(locks), 1);
  });

  it("releases everything when its process is killed", async () => {
    const threadId = randomUUID();
    const child = fork(program(), [testDatabaseUrl(), db().schema, threadId]);
    await once(child, "message");
    const { locks } = await newProcess();
    expect(await locks.tryLock({ threadId, slot: 0 })).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => locks.tryLock({ threadId, slot: 0 })).toBe(true);
  });
});
