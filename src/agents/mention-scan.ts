import type { AgentNameLookup } from "../domain/agent-names.ts";
import { closestTo } from "../format/close-matches.ts";
import { blankOutCode } from "./markdown-code.ts";

/** One `@name` in a text, from its `@` to the end of the name. */
export interface FoundMention {
  readonly start: number;
  readonly end: number;
  readonly written: string;
  /** The agent with that name; undefined when there is none, or several are possible. */
  readonly agent: string | undefined;
}

/** `@name`, and Claude Code's `@"name (agent)"`. A longer token is not a name. */
const TOKEN = /@(?:"([^"\n]{1,120}?)(?: \(agent\))?"|([\p{L}\p{N}][\p{L}\p{M}\p{N}._:-]*))/gu;
const MAX_TOKEN_CHARACTERS = 200;
/** Scripts without spaces: a mention may follow their letters directly. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]$/u;
/** The character before the `@` of an e-mail address, a URL, a path, an npm range or an escape. */
const GLUED = /[\p{L}\p{M}\p{N}.%+\-/\\@=&~#$^]$/u;
const FILE_EXTENSION = /\.(?!v\d+$)[a-z][a-z0-9]{0,4}$/;
const LINE_START = /(?:^|\n)[ \t]*(?:(?:[-+>]|\d+[.)]|#{1,6})[ \t]+)*[*_(["']*$/;

/** All mentions of known agents, and unknown names that are very likely mentions, in order. */
export function findMentions(
  text: string,
  names: readonly string[],
  lookUp: AgentNameLookup,
): FoundMention[] {
  const visible = blankOutCode(text);
  return [...visible.matchAll(TOKEN)].flatMap((match) => {
    const [whole, quoted, bare] = match;
    const before = visible.slice(Math.max(0, match.index - 80), match.index);
    const after = visible.slice(match.index + whole.length);
    if (!standsAlone(before, after) || whole.length > MAX_TOKEN_CHARACTERS) return [];
    const start = match.index;
    if (quoted !== undefined) {
      return [{ start, end: start + whole.length, written: quoted, agent: onlyOne(lookUp(quoted)) }];
    }
    const token = bare ?? "";
    const known = longestKnown(token, lookUp);
    if (known) return [{ start, end: start + 1 + known.length, written: known.written, agent: known.agent }];
    const written = token.replace(/[._:-]+$/, "");
    const isMeant = isClearlyMeant(token, written, before, after, names);
    return isMeant ? [{ start, end: start + 1 + written.length, written, agent: undefined }] : [];
  });
}

/** Not inside an address or a path: `a@b`, `x/@y`, `@scope/name`, `@user@host`. */
function standsAlone(before: string, after: string): boolean {
  const unwrapped = before.replace(/[*_]+$/, "");
  return !/^[/\\@]/.test(after) && (!GLUED.test(unwrapped) || UNSPACED.test(unwrapped));
}

/**
 * The longest start of the token that is a known name. Names contain dots and colons, so each of them may be the end,
 * tried from the right: `@coder:fix` is coder, `@my-plugin:coder` a plugin's agent. `@coder.ts` is a file.
 */
function longestKnown(
  token: string,
  lookUp: AgentNameLookup,
): { written: string; length: number; agent: string | undefined } | undefined {
  const cuts = [...token.matchAll(/[.:_-]/g)].map((match) => match.index).reverse();
  for (const length of [token.length, ...cuts]) {
    const written = token.slice(0, length);
    const rest = token.slice(length);
    const matches = lookUp(written).length > 0 ? lookUp(written) : lookUp(written.replace(/^agent-/, ""));
    const isCut = /^(?:[.:_-]*$|:)/.test(rest) || (rest.startsWith(".") && !FILE_EXTENSION.test(rest));
    if (matches.length > 0 && isCut) return { written, length, agent: onlyOne(matches) };
  }
  return undefined;
}

function onlyOne(matches: readonly string[]): string | undefined {
  return matches.length === 1 ? matches[0] : undefined;
}

function isClearlyMeant(
  token: string,
  written: string,
  before: string,
  after: string,
  names: readonly string[],
): boolean {
  if (FILE_EXTENSION.test(written) || after.startsWith("(") || !/^\p{L}/u.test(written)) return false;
  const isAddressed = token.endsWith(":") || after.startsWith(":");
  return LINE_START.test(before) || isAddressed || closestTo(written, names).length > 0;
}
