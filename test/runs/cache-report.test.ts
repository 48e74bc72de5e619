import { expect, it } from "vitest";
import { parsePrices } from "../../src/domain/price.ts";
import { cacheReport } from "../../src/runs/cache-report.ts";

const rate = { input: 10, output: 50, cacheWrite5m: 12.5, cacheWrite1h: 20, cacheRead: 1 };
const limits = { contextWindow: 200_000, maxOutput: 64_000 };
const bands = [
  { ...rate, upToPromptTokens: 100_000 },
  { ...rate, input: 20, cacheRead: 2 },
];
const prices = parsePrices({ models: { flat: { ...rate, ...limits }, banded: { bands, ...limits } } });
const line = (model: string, calls: number, input: number, cacheRead: number, cacheWrite: number) => ({
  model,
  phase: "agents" as const,
  agent: "coder",
  unknown: 0,
  calls,
  input,
  output: 0,
  cacheRead,
  cacheWrite,
  costUsd: 0,
});

it("the cache's share is what was read of the whole prompt, and its saving is in USD", () => {
  const report = cacheReport([line("flat", 2, 100_000, 300_000, 0), line("flat", 1, 0, 0, 100_000)], prices);
  expect(report.share).toBeCloseTo(0.6, 12);
  expect(report.savedUsd).toBeCloseTo(2.7 - 0.25, 10);
});

it("a saving is reckoned by the mean call, whose prompt decides about its price", () => {
  expect(cacheReport([line("banded", 4, 0, 400_000, 0)], prices).savedUsd).toBeCloseTo(3.6, 10);
  expect(cacheReport([line("banded", 2, 0, 400_000, 0)], prices).savedUsd).toBeCloseTo(7.2, 10);
});

it("no calls, no cache and a model without a price have saved nothing", () => {
  expect(cacheReport([], prices)).toEqual({ share: 0, savedUsd: 0 });
  const none = [line("flat", 0, 0, 0, 0), line("flat", 1, 100, 0, 0), line("gone", 1, 0, 100, 0)];
  expect(cacheReport(none, prices)).toEqual({ share: 0.5, savedUsd: 0 });
});
