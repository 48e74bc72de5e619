import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import {
  cacheSavingUsd,
  costUsd,
  type ModelPrice,
  parsePrices,
  worstCaseUsd,
} from "../../src/domain/price.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";

const FLAT: ModelPrice = {
  input: 3,
  output: 15,
  cacheWrite5m: 3.75,
  cacheWrite1h: 6,
  cacheRead: 0.3,
  contextWindow: 200_000,
  maxOutput: 64_000,
};
const { contextWindow, maxOutput, ...rate } = FLAT;
const dear = { input: 6, output: 22.5, cacheWrite5m: 7.5, cacheWrite1h: 12, cacheRead: 0.6 };
const BANDED: ModelPrice = {
  bands: [{ ...rate, upToPromptTokens: 200_000 }, dear],
  contextWindow,
  maxOutput,
};

describe("costUsd", () => {
  it("prices every kind of token per million", () => {
    const million = 1_000_000;
    expect(costUsd(FLAT, { ...NO_USAGE, input: million })).toBeCloseTo(3, 10);
    expect(costUsd(FLAT, { ...NO_USAGE, output: million })).toBeCloseTo(15, 10);
    expect(costUsd(FLAT, { ...NO_USAGE, cacheWrite5m: million })).toBeCloseTo(3.75, 10);
    expect(costUsd(FLAT, { ...NO_USAGE, cacheWrite1h: million })).toBeCloseTo(6, 10);
    expect(costUsd(FLAT, { ...NO_USAGE, cacheRead: million })).toBeCloseTo(0.3, 10);
    expect(
      costUsd(FLAT, { input: 1000, output: 200, cacheRead: 5000, cacheWrite5m: 400, cacheWrite1h: 0 }),
    ).toBeCloseTo(0.009, 10);
  });

  it("puts the whole request in the band of its prompt, cached tokens included", () => {
    expect(costUsd(BANDED, { ...NO_USAGE, input: 200_000, output: 1000 })).toBeCloseTo(0.615, 10);
    const above = { ...NO_USAGE, input: 100_000, cacheRead: 100_001, output: 1000 };
    expect(costUsd(BANDED, above)).toBeCloseTo(0.6 + 0.0600006 + 0.0225, 10);
  });
});

describe("cacheSavingUsd", () => {
  it("is what reading saves less what writing costs more than plain input", () => {
    const tokens = 1_000_000;
    expect(cacheSavingUsd(FLAT, { ...NO_USAGE, input: tokens, output: tokens })).toBeCloseTo(0, 10);
    expect(cacheSavingUsd(FLAT, { ...NO_USAGE, cacheRead: tokens })).toBeCloseTo(2.7, 10);
    expect(cacheSavingUsd(FLAT, { ...NO_USAGE, cacheWrite5m: tokens })).toBeCloseTo(-0.75, 10);
    expect(cacheSavingUsd(FLAT, { ...NO_USAGE, cacheWrite1h: tokens })).toBeCloseTo(-3, 10);
  });
});

describe("worstCaseUsd", () => {
  it("is never less than what the call can cost", () => {
    for (const price of [FLAT, BANDED]) {
      for (const [prompt, output] of [
        [0, 0],
        [1000, 4096],
        [200_000, 10],
        [250_000, 64_000],
      ] as const) {
        const most = worstCaseUsd(price, prompt, output);
        for (const kind of ["input", "cacheRead", "cacheWrite5m"] as const) {
          expect(costUsd(price, { ...NO_USAGE, [kind]: prompt, output })).toBeLessThanOrEqual(most + 1e-12);
        }
      }
    }
  });
});

describe("the API's own tools", () => {
  const priced = { ...FLAT, webSearchUsdEach: 0.01, codeRunUsdEach: 0.004 };
  const work = { uses: 3, tokens: 20_000, webSearches: 2, codeRuns: 1 };

  it("cost for each use besides the tokens that they bring", () => {
    expect(costUsd(priced, { ...NO_USAGE, webSearches: 3, codeRuns: 1 })).toBeCloseTo(0.034, 10);
    const tokens = { ...NO_USAGE, input: 1000, output: 200 };
    expect(costUsd(priced, tokens)).toBe(costUsd(FLAT, tokens));
  });

  it("raise the worst case to all that they may bring, read again after each use", () => {
    const most = worstCaseUsd(priced, 5000, 4096, work);
    const used = {
      input: 0,
      output: 4096,
      cacheWrite5m: 25_000,
      cacheWrite1h: 0,
      cacheRead: 3 * 25_000,
      webSearches: 2,
      codeRuns: 1,
    };
    expect(costUsd(priced, used)).toBeCloseTo(most, 12);
    expect(worstCaseUsd(BANDED, 5000, 4096, { ...work, tokens: 50_000 })).toBeCloseTo(
      (55_000 * 7.5 + 165_000 * 0.6 + 4096 * 22.5) / 1e6,
      12,
    );
  });

  it("have a shipped price for every model, which a file may change for all or for one", () => {
    const sonnet = DEFAULT_ALIASES.sonnet;
    expect(parsePrices().models[sonnet]).toMatchObject({ webSearchUsdEach: 0.01, codeRunUsdEach: 0.0042 });
    const file = { webSearchUsdEach: 0.02, models: { m: FLAT, n: { ...FLAT, webSearchUsdEach: 0.5 } } };
    const { models } = parsePrices(file);
    expect([sonnet, "m", "n"].map((id) => models[id]?.webSearchUsdEach)).toEqual([0.02, 0.02, 0.5]);
    expect(models["m"]?.codeRunUsdEach).toBe(0.0042);
  });
});

describe("parsePrices", () => {
  it("ships a price for every alias, dated", () => {
    const prices = parsePrices();
    expect(prices.asOf).toMatch(/^20\d\d-/);
    for (const alias of Object.keys(DEFAULT_ALIASES)) {
      expect(resolveModel(alias, DEFAULT_ALIASES, prices).price.maxOutput).toBeGreaterThan(0);
    }
  });

  it("lays a file over the shipped prices", () => {
    const prices = parsePrices({ models: { "my-model": FLAT } });
    expect(prices.models["my-model"]).toMatchObject(FLAT);
    expect(prices.models[DEFAULT_ALIASES.sonnet]).toBeDefined();
  });

  it.each([[{}], [{ models: { m: { input: -1 } } }], [[]], ["x"]])("refuses %j", (file) => {
    expect(() => parsePrices(file)).toThrow(UsageError);
  });
});

describe("resolveModel", () => {
  it("says of an unknown model who asks for it and what it was to stand for", () => {
    expect(() => resolveModel("gpt-4", { "gpt-4": "gpt-5" }, prices, ' of agent "a"')).toThrow(
      /^Model "gpt-4" of agent "a" stands for "gpt-5", which is unknown: use one of gpt-4, /,
    );
  });

  const prices = parsePrices({ models: { "claude-x-1": FLAT } });

  it("takes an alias in any case, a full id, and a dated id at the price of the undated one", () => {
    expect(resolveModel("Sonnet", { sonnet: "claude-x-1" }, prices).id).toBe("claude-x-1");
    expect(resolveModel("claude-x-1", {}, prices)).toMatchObject({ id: "claude-x-1", price: FLAT });
    expect(resolveModel("claude-x-1-20260101", {}, prices)).toMatchObject({
      id: "claude-x-1-20260101",
      price: FLAT,
    });
  });

  it.each(["gpt-4", "constructor", "__proto__", "", "claude-x-1-20260101-fast"])(
    "has no price for %j and says what there is",
    (name) => {
      expect(() => resolveModel(name, DEFAULT_ALIASES, prices)).toThrow(
        /is unknown: use one of haiku, sonnet/,
      );
    },
  );
});
