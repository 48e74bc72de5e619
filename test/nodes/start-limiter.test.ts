import { describe, expect, it } from "vitest";
import { StartLimiter, type StartLimits } from "../../src/nodes/start-limiter.ts";

const never = new AbortController().signal;

/** Turns by name in the order in which they were given. */
function lanesOf(options: StartLimits) {
  const pace = new StartLimiter(options);
  const given: string[] = [];
  const ask = async (name: string, signal = never) => {
    const turn = await pace.nextStart(signal, (sentence) =>
      given.push(sentence.replace(/\d\d:\d\d:\d\d/, "hh:mm:ss")),
    );
    given.push(name);
    return turn;
  };
  return { given, ask };
}

/** Everything that is due now has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a batch", () => {
  it("begins when all tasks of the one before have ended, with the cleanup in between", async () => {
    const { given, ask } = lanesOf({ batch: 2, onBatchEnd: () => given.push("cleanup") });
    const [a, b] = await Promise.all([ask("a"), ask("b")]);
    a.began();
    b.began();
    const third = ask("c").then((turn) => turn.began());
    a.ended();
    await settled();
    expect(given).toEqual(["a", "b"]);
    b.ended();
    await third;
    expect(given).toEqual(["a", "b", "cleanup", "c"]);
  });

  it("does not count a lane that found nothing to do", async () => {
    const { given, ask } = lanesOf({ batch: 1, onBatchEnd: () => given.push("cleanup") });
    (await ask("idle")).ended();
    const turn = await ask("a");
    turn.began();
    turn.ended();
    turn.ended();
    await ask("b");
    expect(given).toEqual(["idle", "a", "cleanup", "b"]);
  });

  it("is not waited for by a lane that is told to stop", async () => {
    const { ask } = lanesOf({ batch: 1 });
    (await ask("a")).began();
    const stop = new AbortController();
    const waiting = ask("b", stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});

describe("a delay", () => {
  it("is kept from the start before, also from one in another process, and is told", async () => {
    const { given, ask } = lanesOf({ delayMs: 40, sinceLastStartMs: async () => 10 });
    const startedAt = performance.now();
    (await ask("a")).began();
    (await ask("b")).began();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(69); // 30 ms of the first, 40 of the second.
    const told = "The next agent starts at hh:mm:ss: agents start 0.04 s apart.";
    expect(given).toEqual([told, "a", told, "b"]);
  });

  it("is not kept by the first task of all, nor counted from a lane that found nothing", async () => {
    const { given, ask } = lanesOf({ delayMs: 3_600_000, sinceLastStartMs: async () => undefined });
    (await ask("idle")).ended();
    (await ask("a")).began();
    expect(given).toEqual(["idle", "a"]);
  });

  it("lets one lane wait at a time: the next counts from when that one has begun", async () => {
    const { given, ask } = lanesOf({ delayMs: 3_600_000 });
    const first = await ask("a");
    const stop = new AbortController();
    const second = ask("b", stop.signal);
    await settled();
    expect(given).toEqual(["a"]);
    first.began();
    await settled();
    expect(given).toEqual(["a", "The next agent starts at hh:mm:ss: agents start 3600 s apart."]);
    stop.abort(new Error("stopped"));
    await expect(second).rejects.toThrow("stopped");
  });
});
