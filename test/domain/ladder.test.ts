import { describe, expect, it } from "vitest";
import { ladderFrom, nextTier, OWN_ATTEMPTS } from "../../src/domain/ladder.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";

const model = (name: string) => resolveModel(name, DEFAULT_ALIASES, parsePrices());
const [haiku, sonnet, opus] = [model("haiku"), model("sonnet"), model("opus")];

/** The models of all attempts until a human is asked. */
function climb(own: typeof haiku, escalation: readonly (typeof haiku)[]): string[] {
  const ladder = ladderFrom(own, escalation);
  const ids: string[] = [];
  for (let tier = nextTier(ladder, 0); tier; tier = nextTier(ladder, ids.length)) {
    expect(tier.isEscalated).toBe(ids.length >= OWN_ATTEMPTS);
    ids.push(tier.model.id.replace(/^claude-|-5-5$/g, ""));
  }
  return ids;
}

describe("the ladder", () => {
  const five = (name: string) => Array.from({ length: 5 }, () => name);

  it("gives a task five attempts on its own model, one on Opus, and then a human", () => {
    expect(climb(sonnet, [opus])).toEqual([...five("sonnet"), "opus"]);
  });

  it("tries each model above once, whatever they are", () => {
    expect(climb(haiku, [haiku, sonnet, opus])).toEqual([...five("haiku"), "sonnet", "opus"]);
  });

  it("goes up only: a task that begins on Opus ends there", () => {
    expect(climb(opus, [haiku, sonnet, opus])).toEqual(five("opus"));
    expect(climb(sonnet, [haiku, sonnet, opus])).toEqual([...five("sonnet"), "opus"]);
  });

  it("stays on the model where there is nothing above", () => {
    expect(climb(haiku, [])).toEqual(five("haiku"));
  });
});
