import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CacheGate, isCacheable, type PrefixLease } from "../../src/calls/cache-gate.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const settled = () => vi.advanceTimersByTimeAsync(0);

function pass(gate: CacheGate, key: string, count: number, signal = new AbortController().signal) {
  const passed: PrefixLease[] = [];
  for (let index = 0; index < count; index++) void gate.pass(key, signal).then((one) => passed.push(one));
  return passed;
}

describe("calls that share a prefix", () => {
  it("let one go first and follow when its answer begins", async () => {
    const gate = new CacheGate();
    const passed = pass(gate, "a", 5);
    await settled();
    expect(passed).toHaveLength(1);
    passed[0]?.started();
    await settled();
    expect(passed).toHaveLength(5);
  });

  it("do not wait for those of another prefix", async () => {
    const gate = new CacheGate();
    const [one, other] = [pass(gate, "a", 1), pass(gate, "b", 1)];
    await settled();
    expect([one.length, other.length]).toEqual([1, 1]);
  });

  it("send the next one first when the first one failed before it began", async () => {
    const gate = new CacheGate();
    const passed = pass(gate, "a", 3);
    await settled();
    passed[0]?.ended();
    await settled();
    expect(passed).toHaveLength(2);
    passed[1]?.started();
    await settled();
    expect(passed).toHaveLength(3);
  });

  it("wait again when the cache has grown cold", async () => {
    const gate = new CacheGate();
    const [first] = [pass(gate, "a", 1)];
    await settled();
    first[0]?.started();
    first[0]?.ended();
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    const warm = pass(gate, "a", 2);
    await settled();
    expect(warm).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    const cold = pass(gate, "a", 2);
    await settled();
    expect(cold).toHaveLength(1);
  });

  it("stop waiting when they are told to", async () => {
    const gate = new CacheGate();
    const controller = new AbortController();
    pass(gate, "a", 1);
    await settled();
    const waiting = gate.pass("a", controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: "aborted" });
  });
});

describe("a system prompt", () => {
  it.each([
    ["claude-sonnet-5-5", 2559, false],
    ["claude-sonnet-5-5", 2560, true],
    ["claude-sonnet-5", 2560, false],
    ["claude-sonnet-5", 5120, true],
    ["claude-haiku-4-5", 20_479, false],
    ["claude-haiku-4-5-20251001", 20_480, true],
  ])("for %s of %d bytes is cached: %s", (model, bytes, expected) => {
    expect(isCacheable({ model, system: "x".repeat(bytes) })).toBe(expected);
  });
});
