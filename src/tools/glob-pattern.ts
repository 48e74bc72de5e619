import { posix } from "node:path";
import { braceExpand, Minimatch } from "minimatch";
import { WorkspaceError } from "./workspace.ts";

const MOST_ALTERNATIVES = 100;
/** As long as a path may be. */
const MOST_CHARACTERS = 4096;

// minimatch, because it does not translate patterns to regular expressions: a model's pattern such as
// `*a*a*a*a*b` would stop the whole process for hours. Extended globs are off, as in ripgrep.
const OPTIONS = { dot: true, noext: true, nocomment: true, nonegate: true } as const;

/**
 * Whether a path matches a pattern with `*`, `?`, `[a-z]`, `{a,b}`, `{1..3}`, `**` for any folders, and a `!` in front
 * that turns it round. Names that begin with a dot match like others. Brackets also match themselves, since folders are
 * called `[id]`. Every pattern takes time in proportion to its length times the path's.
 *
 * @param isForNames Whether a pattern without a slash matches the last part of a path, in whatever folder.
 * @throws WorkspaceError for a pattern that is too long or has too many alternatives.
 */
export function globMatcher(pattern: string, isForNames = false): (path: string) => boolean {
  if (pattern.length > MOST_CHARACTERS) {
    throw new WorkspaceError(`The pattern is longer than ${MOST_CHARACTERS} characters.`);
  }
  const isNegated = pattern.startsWith("!");
  const wanted = posix.normalize(isNegated ? pattern.slice(1) : pattern).replace(/^\/+/, "");
  if (braceExpand(wanted, { braceExpandMax: MOST_ALTERNATIVES + 1 }).length > MOST_ALTERNATIVES) {
    throw new WorkspaceError(`The pattern has more than ${MOST_ALTERNATIVES} alternatives.`);
  }
  const matchBase = isForNames && !pattern.includes("/");
  const readings = new Set([wanted, wanted.replaceAll(/(?<!\\)[[\]]/g, "\\$&")]);
  const matchers = [...readings].map((reading) => new Minimatch(reading, { ...OPTIONS, matchBase }));
  return (path) => matchers.some((matcher) => matcher.match(path)) !== isNegated;
}
