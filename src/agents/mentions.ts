import { indexAgentNames } from "../domain/agent-names.ts";
import { findMentions } from "./mention-scan.ts";

/** One agent's part of a prompt with mentions. */
export interface MentionedTask {
  /** A known name, in its own spelling. */
  readonly agent: string;
  /** The text for this agent alone; empty when nothing follows its mention. */
  readonly text: string;
  /** The shared context and then `text`: the agent's whole prompt. */
  readonly prompt: string;
}

export interface Mentions {
  /** The text before the first mention. It is part of every task's prompt. */
  readonly context: string;
  /** In the order of the text. An agent with two mentions has two tasks. */
  readonly tasks: readonly MentionedTask[];
  /** Mentioned names that match no agent, or several, without repeats. If there are any, do not run the prompt. */
  readonly unknown: readonly string[];
}

/**
 * Reads `@agent` mentions, or returns null when the text has none. Each mention starts a task whose text runs to the
 * next mention; neighbours (`@coder and @tester: …`) share the text after them. Case does not matter, and a plugin's
 * agent needs no plugin name when its own name is unique.
 *
 * E-mail addresses, file paths (`@src/x.ts`), npm scopes, code spans and fenced code are not mentions. An unknown
 * `@name` counts as a mention at the start of a line, before a colon, and when a known name is close. Elsewhere it
 * stays text.
 */
export function parseMentions(text: string, knownNames: Iterable<string>): Mentions | null {
  const names = [...knownNames];
  const found = findMentions(text, names, indexAgentNames(names));
  if (found.length === 0) return null;
  const context = textBetween(text, 0, found[0]?.start).trim();
  const texts = found.map((mention, index) =>
    withoutOpening(textBetween(text, mention.end, found[index + 1]?.start)).trim(),
  );
  const tasks = found.flatMap(({ agent }, index) => {
    if (agent === undefined) return [];
    const own = texts.slice(index).find((candidate) => candidate !== "") ?? "";
    return [{ agent, text: own, prompt: [context, own].filter((part) => part !== "").join("\n\n") }];
  });
  const unknown = found.flatMap(({ agent, written }) => (agent === undefined ? [written] : []));
  return { context, tasks, unknown: [...new Set(unknown)] };
}

/**
 * The text up to the next mention, without the parts of that mention: its opening bracket or emphasis, its list mark,
 * and the `and` or comma before it.
 */
function textBetween(text: string, start: number, nextMention: number | undefined): string {
  if (nextMention === undefined) return text.slice(start);
  return text
    .slice(start, nextMention)
    .replace(/[*_(["'“‘«{<]+$/, "")
    .replace(/(^|\n)[ \t]*(?:(?:[-*+>]|\d+[.)]|#{1,6})[ \t]+)*$/, "$1")
    .replace(/(^|[\s,;])(?:and|&|\+)\s*$/i, "$1")
    .replace(/[,;]\s*$/, "");
}

/** The text after a mention, without closing brackets and emphasis and the comma, colon or dash after it. */
function withoutOpening(text: string): string {
  if (/^['’]\p{L}/u.test(text)) return text;
  return text.replace(/^[*_)\]}>"'”’»]*[.,:;!?…–—-]*/, "").replace(/^[ \t]*(?:[–—:-]|->|→)[ \t]+/, "");
}
