import type { Router } from "../domain/plan.ts";

/** An agent that work may be given to. */
export interface Candidate {
  readonly name: string;
  /** When to use it, in prose. */
  readonly description: string;
}

/** The usual constants of BM25 (Robertson and Zaragoza, 2009). */
const SATURATION = 1.2;
const LENGTH_NORMALIZATION = 0.75;
/** A name says in a word what its description says in ten. */
const NAME_WEIGHT = 3;
/** What a task is about stands at its beginning; the rest may be material of any length. */
const TEXT_CHARACTERS = 2000;

/**
 * Finds for a text the agent whose name and description fit it best: BM25 over word stems, in which rare words
 * count most. What a description says an agent is not for does not count. The same text always gives the same
 * agent: of equals, and where no word fits at all, the first by name.
 */
export function createRouter(candidates: readonly Candidate[]): Router {
  const { names, scoresOf } = createScorer(candidates);
  return (text) => {
    const scores = scoresOf(text);
    return names[scores.indexOf(Math.max(...scores))];
  };
}

/** The names of the candidates that a text fits best, as a router finds them, best first and at most `limit`. */
export function bestMatches(candidates: readonly Candidate[], text: string, limit: number): string[] {
  const { names, scoresOf } = createScorer(candidates);
  const scores = scoresOf(text);
  const order = [...names.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return order.slice(0, limit).flatMap((index) => names[index] ?? []);
}

/** Scores by the place of the candidate's name among `names`, which are sorted. */
function createScorer(candidates: readonly Candidate[]): {
  readonly names: readonly string[];
  readonly scoresOf: (text: string) => number[];
} {
  const sorted = [...candidates].sort((a, b) => (a.name < b.name ? -1 : 1));
  const documents = sorted.map(wordsOf);
  const meanLength = documents.reduce((sum, words) => sum + words.length, 0) / Math.max(1, documents.length);
  const weights = new Map<string, Map<number, number>>();
  for (const [index, words] of documents.entries()) {
    const norm = 1 - LENGTH_NORMALIZATION + LENGTH_NORMALIZATION * (words.length / Math.max(1, meanLength));
    for (const [word, count] of countsOf(words)) {
      const weight = (count * (SATURATION + 1)) / (count + SATURATION * norm);
      const known = weights.get(word);
      if (known) known.set(index, weight);
      else weights.set(word, new Map([[index, weight]]));
    }
  }
  const scoresOf = (text: string) => {
    const scores = new Array<number>(sorted.length).fill(0);
    for (const word of new Set(stemsOf(text.slice(0, TEXT_CHARACTERS)))) {
      const found = weights.get(word);
      if (!found) continue;
      const rarity = Math.log(1 + (sorted.length - found.size + 0.5) / (found.size + 0.5));
      for (const [index, weight] of found) scores[index] = (scores[index] ?? 0) + rarity * weight;
    }
    return scores;
  };
  return { names: sorted.map(({ name }) => name), scoresOf };
}

function wordsOf({ name, description }: Candidate): string[] {
  const ofName = stemsOf(name);
  return [
    ...Array.from({ length: NAME_WEIGHT }, () => ofName).flat(),
    ...stemsOf(withoutExclusions(description)),
  ];
}

/** `Not for reviews.` would else attract reviews. */
function withoutExclusions(description: string): string {
  return description.replaceAll(/\b(?:not for|(?:do not|don't|never) use)\b[^.!?\n]*/gi, " ");
}

/** Words that every request is full of. */
const COMMON = new Set(
  `a about after all also an and any are as at be before but by can do does each every for from has have how if in into
  is it its make me my need no not of on one or our out please should so some such than that the their them then there
  these they this those to up us use used using want was we what when where which who will with would you your
  agent task expert specialist proactively`.split(/\s+/),
);

function stemsOf(text: string): string[] {
  const words =
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}+#]*/gu) ?? [];
  return words.filter((word) => !COMMON.has(word)).map(stemOf);
}

/** Enough of a stem that `reviews`, `reviewer` and `reviewing` are one word. */
function stemOf(word: string): string {
  return word.replace(/^(.{3,}?)(?:ations?|ions?|ings?|ers?|ors?|ed|es|s|e)$/, "$1");
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
