import { describe, expect, it } from "vitest";
import { RateWindow } from "../../src/calls/rate-window.ts";

const headers = (kind: string, limit: number, remaining: number) =>
  new Headers({
    [`anthropic-ratelimit-${kind}-limit`]: `${limit}`,
    [`anthropic-ratelimit-${kind}-remaining`]: `${remaining}`,
  });

describe("the rate limits that headers tell", () => {
  it("are none before a header came, or where a server sends none", () => {
    const window = new RateWindow();
    window.learn(new Headers(), [], 0);
    expect(window.waitMs({ inputTokens: 1e9 }, 0)).toBe(0);
  });

  it("let calls go while there are requests left, and refill evenly over a minute", () => {
    const window = new RateWindow();
    window.learn(headers("requests", 60, 2), [], 0);
    for (const _ of [1, 2]) {
      expect(window.waitMs({ inputTokens: 0 }, 0)).toBe(0);
      window.take({ inputTokens: 0 }, 0);
    }
    expect(window.waitMs({ inputTokens: 0 }, 0)).toBe(1000);
    expect(window.waitMs({ inputTokens: 0 }, 400)).toBe(600);
    expect(window.waitMs({ inputTokens: 0 }, 1000)).toBe(0);
  });

  it("count what is on the way and not in the headers yet", () => {
    const window = new RateWindow();
    window.learn(headers("input-tokens", 6000, 1000), [{ inputTokens: 600 }], 0);
    expect(window.waitMs({ inputTokens: 400 }, 0)).toBe(0);
    expect(window.waitMs({ inputTokens: 500 }, 0)).toBe(1000);
  });

  it("let a call that is larger than the limit go when the bucket is full: waiting longer would not help", () => {
    const window = new RateWindow();
    window.learn(headers("input-tokens", 6000, 6000), [], 0);
    expect(window.waitMs({ inputTokens: 50_000 }, 0)).toBe(0);
  });

  it("wait until there is output left at all", () => {
    const window = new RateWindow();
    window.learn(headers("output-tokens", 6000, -100), [], 0);
    expect(window.waitMs({ inputTokens: 1 }, 0)).toBe(1010);
  });
});
