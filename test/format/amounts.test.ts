import { describe, expect, it } from "vitest";
import {
  renderAge,
  renderBudget,
  renderClock,
  renderCount,
  renderDuration,
  renderPlural,
  renderUsd,
} from "../../src/format/amounts.ts";

describe("amounts", () => {
  it.each([
    [0, "$0.0000"],
    [0.000001, "<$0.0001"],
    [0.01234, "$0.0123"],
    [123.4, "$123.40"],
  ])("money spent: %d is %s", (usd, shown) => expect(renderUsd(usd)).toBe(shown));

  it.each([
    [0.3, "$0.30"],
    [0.005, "$0.005"],
    [2, "$2.00"],
    [0.1234, "$0.1234"],
  ])("a budget: %d is %s", (usd, shown) => expect(renderBudget(usd)).toBe(shown));

  it.each([
    [0, "0 ms"],
    [999.4, "999 ms"],
    [1234, "1.2 s"],
    [59_990, "1 min 0 s"],
    [125_000, "2 min 5 s"],
    [3_599_600, "1 h 0 min"],
    [11_220_000, "3 h 7 min"],
  ])("a duration: %d ms is %s", (ms, shown) => expect(renderDuration(ms)).toBe(shown));

  it("a clock never flickers in milliseconds", () => {
    expect(renderClock(340)).toBe("0.3 s");
    expect(renderClock(-5)).toBe("0.0 s");
    expect(renderClock(61_000)).toBe("1 min 1 s");
  });

  it("counts have their thousands apart and nouns their plural", () => {
    expect(renderCount(1_234_567)).toBe("1,234,567");
    expect(renderPlural(1, "task")).toBe("1 task");
    expect(renderPlural(10_000, "task")).toBe("10,000 tasks");
  });

  it("ages are told in the largest unit that fits, and later as a date", () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    expect(renderAge("2026-11-24T11:59:30Z", now)).toBe("just now");
    expect(renderAge("2026-11-24T11:55:00Z", now)).toBe("5 min ago");
    expect(renderAge("2026-11-24T09:00:00Z", now)).toBe("3 h ago");
    expect(renderAge("2026-11-21T09:00:00Z", now)).toBe("3 d ago");
    expect(renderAge("2026-01-02T09:00:00Z", now)).toBe("2026-01-02");
    expect(renderAge("never", now)).toBe("at an unknown time");
  });
});
