import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallError } from "../../src/calls/call-error.ts";
import { Governor, type SendLease } from "../../src/calls/governor.ts";

const NEED = { inputTokens: 100 };
const SONNET = "claude-sonnet-5-5";
const later = (status: number, retryAfterMs?: number) =>
  new CallError("Busy.", { kind: "later", status, retryAfterMs });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Asks for so many permits and keeps those that are granted. */
function ask(governor: Governor, count: number, model = SONNET) {
  const granted: SendLease[] = [];
  const refused: unknown[] = [];
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  for (let index = 0; index < count; index++) {
    governor.admit(model, NEED, signal).then(
      (lease) => granted.push(lease),
      (error: unknown) => refused.push(error),
    );
  }
  return { granted, refused };
}
const settled = () => vi.advanceTimersByTimeAsync(0);

describe("an outage", () => {
  const gone = () => new CallError("Gone.", { kind: "later" });

  it("is looked at by one call at a time, less and less often, while all others wait", async () => {
    const governor = new Governor();
    const { granted } = ask(governor, 20);
    await settled();
    for (const lease of granted.slice(0, 10)) lease.done(gone());
    await vi.advanceTimersByTimeAsync(300);
    expect(granted).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(200);
    expect(granted).toHaveLength(11);
    granted[10]?.done(gone());
    await vi.advanceTimersByTimeAsync(700);
    expect(granted).toHaveLength(11);
    await vi.advanceTimersByTimeAsync(300);
    expect(granted).toHaveLength(12);
    granted[11]?.onStart();
    await settled();
    expect(granted).toHaveLength(20);
  });

  it("is known by its first failure, and not taken for a lost stream or a rate limit", async () => {
    const governor = new Governor();
    const { granted } = ask(governor, 4);
    await settled();
    const [first, second] = [gone(), gone()];
    granted[0]?.done(later(429));
    granted[1]?.done(new CallError("Cut.", { kind: "later", mayBeBilled: true }));
    expect(governor.outageOf(first)).toBeUndefined();
    granted[2]?.done(first);
    granted[3]?.done(second);
    expect([governor.outageOf(first), governor.outageOf(second)]).toEqual(["begun", "known"]);
    expect(governor.outageOf(later(429))).toBeUndefined();
  });

  it("that is given up stops everything, unless something was answered meanwhile", async () => {
    const governor = new Governor();
    const { granted, refused } = ask(governor, 12);
    await settled();
    const sinceMs = performance.now();
    await vi.advanceTimersByTimeAsync(600_000);
    granted[0]?.done(gone());
    const error = governor.giveUp(gone(), sinceMs);
    await settled();
    expect(error).toMatchObject({ kind: "outage", message: "Claude could not be reached for 10 min. Gone." });
    expect(refused).toEqual([error, error]);
    governor.lift();
    granted[1]?.done("answered");
    const own = gone();
    expect(governor.giveUp(own, sinceMs)).toBe(own);
  });
});

describe("the governor", () => {
  it("keeps its pauses when the clock steps back", async () => {
    const governor = new Governor();
    const first = ask(governor, 1);
    await settled();
    first.granted[0]?.done(later(429, 5000));
    vi.setSystemTime(Date.now() - 3_600_000);
    const { granted } = ask(governor, 1);
    await vi.advanceTimersByTimeAsync(4000);
    expect(granted).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1600);
    expect(granted).toHaveLength(1);
  });

  it("lets ten calls go at once, and the next when one is over", async () => {
    const { granted } = ask(new Governor(), 15);
    await settled();
    expect(granted).toHaveLength(10);
    granted[0]?.done("answered");
    granted[0]?.done("answered"); // Twice is once.
    await settled();
    expect(granted).toHaveLength(11);
  });

  it("holds all calls back for as long as one was told to wait, and no longer than a tenth more", async () => {
    const governor = new Governor();
    const first = ask(governor, 2);
    await settled();
    first.granted[0]?.done(later(429, 5000));
    const { granted } = ask(governor, 3, "claude-opus-5-5");
    await vi.advanceTimersByTimeAsync(4999);
    expect(granted).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(502);
    expect(granted).toHaveLength(3);
  });

  it("takes ten 429 at once as one: half the width, and one more for each round of successes", async () => {
    const governor = new Governor();
    const first = ask(governor, 10);
    await settled();
    await vi.advanceTimersByTimeAsync(10);
    for (const lease of first.granted) lease.done(later(429, 100));
    const { granted } = ask(governor, 30);
    await vi.advanceTimersByTimeAsync(200);
    expect(granted).toHaveLength(5);
    for (const lease of granted.slice(0, 5)) lease.done("answered");
    await settled();
    expect(granted.length - 5).toBe(5); // 5.9 by now.
    granted[5]?.done("answered");
    await settled();
    expect(granted.length - 6).toBe(6);
  });

  it("narrows a little after an overload, and never below one", async () => {
    const governor = new Governor();
    for (let round = 0; round < 40; round++) {
      const { granted } = ask(governor, 1);
      await vi.advanceTimersByTimeAsync(31_000);
      granted[0]?.done(later(529));
    }
    const { granted } = ask(governor, 5);
    await vi.advanceTimersByTimeAsync(31_000);
    granted[0]?.onStart();
    await settled();
    expect(granted).toHaveLength(1);
  });

  it("is not narrowed by a connection that broke, nor by a call that was not sent", async () => {
    const governor = new Governor();
    const first = ask(governor, 10);
    await settled();
    first.granted.forEach((lease, index) => {
      lease.done(index % 2 ? "unsent" : new CallError("Cut.", { kind: "later", mayBeBilled: true }));
    });
    const { granted } = ask(governor, 12);
    await settled();
    expect(granted).toHaveLength(10);
  });

  it.each([
    ["an account at its end", new CallError("No money.", { kind: "halted", status: 402 })],
    ["a key that is refused", new CallError("Wrong key.", { kind: "refused", status: 401 })],
  ])("stops everything at %s, those that wait too, until it is lifted", async (_, error) => {
    const governor = new Governor();
    const { granted, refused } = ask(governor, 12);
    await settled();
    granted[0]?.done(error);
    await settled();
    expect(refused).toEqual([error, error]);
    expect(ask(governor, 1).granted).toHaveLength(0);
    governor.lift();
    const after = ask(governor, 1);
    await settled();
    expect(after.granted).toHaveLength(1);
  });

  it("sends no more than the server's own limits allow", async () => {
    const governor = new Governor();
    const first = ask(governor, 1);
    await settled();
    first.granted[0]?.onHeaders(
      new Headers({
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "3",
      }),
    );
    const { granted } = ask(governor, 6);
    await settled();
    expect(granted).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(2000);
    expect(granted).toHaveLength(5);
  });

  it("forgets a call whose agent was told to stop while it waited", async () => {
    const governor = new Governor();
    const { granted } = ask(governor, 10);
    const controller = new AbortController();
    const waiting = governor.admit(SONNET, NEED, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: "aborted" });
    granted[0]?.done("answered");
    await expect(governor.admit(SONNET, NEED, controller.signal)).rejects.toMatchObject({ kind: "aborted" });
    const next = ask(governor, 1);
    await settled();
    expect(next.granted).toHaveLength(1);
  });
});
