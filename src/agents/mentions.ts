import { indexAgentNames } from "../domain/agent-names.ts";
import { findMentions } from "./mention-scan.ts";

/** One agent's share of a prompt with mentions. */
export interface MentionedTask {
  /** A known name, spelled as it is known. */
  readonly agent: string;
  /** What this agent alone is told; empty when nothing follows its mention. */
  readonly text: string;
  /** The shared context and then `text`: all that the agent is to be given. */
  readonly prompt: string;
}

export interface Mentions {
  /** What stands before the first mention. It is part of every task's prompt. */
  readonly context: string;
  /** In the order of the text; an agent that is mentioned twice has two tasks. */
  readonly tasks: readonly MentionedTask[];
  /** Names written as mentions that no one agent has, without repeats. Not empty: do not run the prompt. */
  readonly unknown: readonly string[];
}

/**
 * Reads `@agent` mentions, or returns null when the text has none. Each opens a task whose text runs to the
 * next; neighbours (`@coder and @tester: …`) share the text that follows them. Names may be written in any case
 * and a plugin's agent without its plugin, where that leaves no doubt.
 *
 * E-mail addresses, file paths (`@src/x.ts`), npm scopes, code spans and fenced code are no mentions. An
 * unknown `@name` counts where it can hardly be anything else: at the start of a line, before a colon, or when
 * a known name is close; elsewhere it stays text.
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
 * The text up to the next mention, without what belongs to that mention: its opening bracket or emphasis, its
 * list mark, and the `and` or comma that joins it to the text before.
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

/** What follows a mention, without what closes it: brackets, emphasis, and the comma, colon or dash after it. */
function withoutOpening(text: string): string {
  if (/^['’]\p{L}/u.test(text)) return text;
  return text.replace(/^[*_)\]}>"'”’»]*[.,:;!?…–—-]*/, "").replace(/^[ \t]*(?:[–—:-]|->|→)[ \t]+/, "");
}
