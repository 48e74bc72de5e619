/**
 * The candidates that a mistyped word most likely means, best first, at most three: a few letters differ (two, or
 * one in three of a longer word), or one contains the other. Empty when nothing is close.
 */
export function closestTo(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  if (wanted.length > LONGEST_WORD) return [];
  return [...candidates]
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

const SHORTEST_PART = 4;
/** Longer words are no typing mistakes, and the distance takes quadratic time. */
const LONGEST_WORD = 100;

function distanceTo(wanted: string, candidate: string): number {
  const [shorter, longer] = wanted.length < candidate.length ? [wanted, candidate] : [candidate, wanted];
  if (shorter.length >= SHORTEST_PART && longer.includes(shorter)) return 1;
  return editDistance(wanted, candidate);
}

/** Levenshtein distance: letters inserted, removed or replaced. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
