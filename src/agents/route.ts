import MiniSearch from "minisearch";
import { stemmer } from "stemmer";
import type { Router } from "../domain/plan.ts";

/** An agent that can take a task. */
export interface Candidate {
  readonly name: string;
  /** When to use it, in prose. */
  readonly description: string;
}

/** A name says in a word what its description says in several. */
const NAME_WEIGHT = 2;
/** A task says at its beginning what it is about; material of any length may follow. */
const TEXT_CHARACTERS = 2000;

/**
 * Finds for a text the agent whose name and description fit it best: BM25+ over word stems, so rare words count
 * most. What a description excludes does not count. Copies of one agent count once, so its words stay rare.
 * The same text always gives the same agent: of equals, and where no word fits, the first by name.
 */
export function createRouter(candidates: readonly Candidate[]): Router {
  const rank = createRanking(candidates);
  return (text) => rank(text)[0];
}

/** The names of the candidates that fit a text best, as a router ranks them: best first, at most `limit`. */
export function bestMatches(candidates: readonly Candidate[], text: string, limit: number): string[] {
  return createRanking(candidates)(text).slice(0, limit);
}

/** Orders all names for a text: best first, equals by name. */
function createRanking(candidates: readonly Candidate[]): (text: string) => string[] {
  const sorted = [...candidates].sort((a, b) => (a.name < b.name ? -1 : 1));
  const index = new MiniSearch({
    idField: "key",
    fields: ["name", "description"],
    tokenize: wordsOf,
    processTerm: stemmer,
    searchOptions: { boost: { name: NAME_WEIGHT }, tokenize: (text) => [...new Set(wordsOf(text))] },
  });
  for (const { name, description } of sorted) {
    const key = copyKey({ name, description });
    if (!index.has(key)) index.add({ key, name, description: withoutExclusions(description) });
  }
  return (text) => {
    const found = index.search(text.slice(0, TEXT_CHARACTERS));
    const scores = new Map<string, number>(found.map(({ id, score }) => [id, score]));
    const scoreOf = (candidate: Candidate) => scores.get(copyKey(candidate)) ?? 0;
    return sorted.toSorted((a, b) => scoreOf(b) - scoreOf(a)).map(({ name }) => name);
  };
}

/** The same for copies of an agent: two plugins give it the same name and the same description. */
function copyKey({ name, description }: Candidate): string {
  return `${name.slice(name.lastIndexOf(":") + 1)}\n${description}`;
}

/** Otherwise `Not for reviews.` would attract reviews. */
function withoutExclusions(description: string): string {
  return description.replaceAll(/\b(?:not for|(?:do not|don't|never) use)\b[^.!?\n]*/gi, " ");
}

/** Words that are in every request. */
const COMMON = new Set(
  `a about after all also an and any are as at be before but by can do does each every for from has have how if in into
  is it its make me my need no not of on one or our out please should so some such than that the their them then there
  these they this those to up us use used using want was we what when where which who will with would you your
  agent task expert specialist proactively`.split(/\s+/),
);

function wordsOf(text: string): string[] {
  const words =
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}+#]*/gu) ?? [];
  return words.filter((word) => !COMMON.has(word));
}
