import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once, setMaxListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { MAX_PARALLEL } from "../../src/domain/config.ts";
import { isThreadLocked } from "../../src/postgres/lock-statements.ts";
import { openSessionLocks, type SessionLocks } from "../../src/postgres/session-locks.ts";
import { Slots } from "../../src/postgres/slots.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
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

/** Ends the connection that holds the thread's lock, as an administrator or a failover does. */
async function endHolderOf(threadId: string): Promise<void> {
  await db().pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
     AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || current_schema() || ':' || $1, 0)`,
    [threadId],
  );
}

async function newThread(): Promise<string> {
  const id = randomUUID();
  const row = { id, graph: "g", input: "", options: {}, simulated: true, budgetUsd: 1 };
  await beginThread(db(), row);
  return id;
}

/** Locks whose news are kept. */
async function listeningProcess() {
  const news: string[] = [];
  const locks = await openSessionLocks(db(), {
    onTaken: (id) => news.push(`taken ${id}`),
    onCancelled: (id) => news.push(`cancelled ${id}`),
  });
  opened.push(locks);
  return { locks, news };
}

describe("openSessionLocks", () => {
  it("excludes other processes until it is unlocked", async () => {
    const threadId = randomUUID();
    const [a, b] = [await newProcess(), await newProcess()];
    expect(await isThreadLocked(db(), threadId)).toBe(false);
    expect(await a.locks.lockThread(threadId)).toBe(true);
    expect(await b.locks.lockThread(threadId)).toBe(false);
    expect(await isThreadLocked(db(), threadId)).toBe(true);
    await a.locks.unlock({ threadId, slot: 0 });
    expect(await b.locks.lockThread(threadId)).toBe(true);
  });

  it("takes its locks again when its connection is lost, and keeps a thread that nobody had meanwhile", async () => {
    const { locks, news } = await listeningProcess();
    const threadId = await newThread();
    await locks.lockThread(threadId);
    expect(await locks.trySlots(threadId, [1, 2])).toEqual([1, 2]);

    await endHolderOf(threadId);

    const other = await newProcess();
    await expect.poll(() => isThreadLocked(db(), threadId)).toBe(true);
    await locks.ready(never);
    expect(await other.locks.lockThread(threadId)).toBe(false);
    expect(await other.locks.trySlots(threadId, [1, 2, 3])).toEqual([3]);
    expect(news).toEqual([]);
    await locks.unlock({ threadId, slot: 0 });
    expect(await other.locks.lockThread(threadId)).toBe(true);
  });

  it("gives a thread up that another process had meanwhile, even when that one has released it", async () => {
    const { locks, news } = await listeningProcess();
    const [kept, stolen] = [await newThread(), await newThread()];
    await locks.lockThread(kept);
    await locks.lockThread(stolen);
    await db().pool.query("UPDATE threads SET epoch = epoch + 1 WHERE thread_id = $1", [stolen]);

    await endHolderOf(stolen);

    await expect.poll(() => news).toEqual([`taken ${stolen}`]);
    await locks.ready(never);
    expect(await isThreadLocked(db(), kept)).toBe(true);
  });

  it("hears messages again after its connection was lost, and learns of a cancel that it missed", async () => {
    const { locks, news } = await listeningProcess();
    const threadId = await newThread();
    await locks.lockThread(threadId);
    const heard: string[] = [];
    await locks.listen("slots_test", (message) => heard.push(message));
    await db().pool.query("UPDATE threads SET cancel_epoch = epoch WHERE thread_id = $1", [threadId]);

    await endHolderOf(threadId);

    await expect.poll(() => news).toEqual([`cancelled ${threadId}`]);
    await locks.ready(never);
    await db().pool.query("SELECT pg_notify('slots_test', 'again')");
    await expect.poll(() => heard).toEqual(["again"]);
  });

  it("releases everything when its process is killed", async () => {
    const threadId = randomUUID();
    const child = fork(program(), [testDatabaseUrl(), db().schema, threadId]);
    await once(child, "message");
    const { locks } = await newProcess();
    expect(await locks.lockThread(threadId)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => locks.lockThread(threadId)).toBe(true);
  });
});
