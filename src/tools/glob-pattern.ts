import { WorkspaceError } from "./workspace.ts";

const MOST_ALTERNATIVES = 100;
/** As long as a path may be: what reads a pattern takes time that grows with the square of its length. */
const MOST_CHARACTERS = 4096;

/**
 * Whether a path matches a pattern with `*`, `?`, `[a-z]`, `{a,b}` and, as a part of its own, `**` for any folders. In
 * time that grows with pattern times path, whatever either is.
 *
 * @throws WorkspaceError for a pattern that is too long or has too many alternatives.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  if (pattern.length > MOST_CHARACTERS) {
    throw new WorkspaceError(`The pattern is longer than ${MOST_CHARACTERS} characters.`);
  }
  const alternatives = expandBraces(pattern.replace(/^\.?\/+/, "")).map((one) => one.split("/"));
  return (path) => {
    const parts = path.split("/");
    return alternatives.some((wanted) => matchesAll(wanted, parts, "**", matchesName));
  };
}

function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const group = /\{([^{}]*)\}/.exec(one);
    if (!group) done.push(one);
    else {
      const [all, inner = ""] = group;
      const [before, after] = [one.slice(0, group.index), one.slice(group.index + all.length)];
      open.push(...inner.split(",").map((choice) => `${before}${choice}${after}`));
    }
    if (done.length + open.length > MOST_ALTERNATIVES) {
      throw new WorkspaceError(`The pattern has more than ${MOST_ALTERNATIVES} alternatives.`);
    }
  }
  return done;
}

/**
 * Whether a sequence matches a pattern in which `wildcard` stands for any number of items: on a mismatch only the last
 * wildcard takes one item more, which suffices.
 */
function matchesAll<Wanted, Item>(
  wanted: readonly Wanted[],
  items: readonly Item[],
  wildcard: Wanted,
  matches: (wanted: Wanted, item: Item) => boolean,
): boolean {
  let at = 0;
  let wildcardAt = -1;
  let takenTo = 0;
  for (let index = 0; index < items.length; ) {
    const one = wanted[at];
    const item = items[index];
    if (one === wildcard) {
      wildcardAt = at++;
      takenTo = index;
    } else if (one !== undefined && item !== undefined && matches(one, item)) {
      at++;
      index++;
    } else if (wildcardAt >= 0) {
      at = wildcardAt + 1;
      index = ++takenTo;
    } else return false;
  }
  while (wanted[at] === wildcard) at++;
  return at === wanted.length;
}

function matchesName(pattern: string, name: string): boolean {
  return matchesAll(tokensOf(pattern), [...name], "*", matchesCharacter);
}

const tokens = new Map<string, string[]>();
const MOST_TOKENS_KEPT = 1000;

/** A name's pattern as `*`, `?`, `[…]` and single characters. */
function tokensOf(pattern: string): string[] {
  const known = tokens.get(pattern);
  if (known) return known;
  const made =
    pattern.match(/\*+|\[[!^]?\]?[^\]]*\]|[\s\S]/gu)?.map((one) => (one[0] === "*" ? "*" : one)) ?? [];
  if (tokens.size > MOST_TOKENS_KEPT) tokens.clear();
  tokens.set(pattern, made);
  return made;
}

function matchesCharacter(token: string, character: string): boolean {
  if (token === "?") return true;
  if (token.length === 1 || token[0] !== "[") return token === character;
  const isNegated = token[1] === "!" || token[1] === "^";
  const members = [...token.slice(isNegated ? 2 : 1, -1)];
  let isMember = false;
  for (let index = 0; index < members.length; index++) {
    const [from = "", dash, to] = members.slice(index, index + 3);
    if (dash === "-" && to !== undefined) {
      isMember ||= from <= character && character <= to;
      index += 2;
    } else isMember ||= from === character;
  }
  return isMember !== isNegated;
}
