import { simpleCommands } from "../../domain/shell-words.ts";
import { toolKey } from "../../domain/tool-rule.ts";
import { runsOthers } from "./programs.ts";
import { type RuleKind, textIn } from "./rule-kind.ts";

const TOOLS = ["bash", "monitor"];
/** Matching takes time in proportion to the pattern's length times the command's. */
const MOST_CHARACTERS = 500;

/** `Bash(git:*)`, `Bash(npm run test)`, `Bash(git * main)`, as in Claude Code; several with commas. */
export const commandRules: RuleKind = {
  tools: TOOLS,
  problemOf: (about) =>
    about.length > MOST_CHARACTERS ? `it is longer than ${MOST_CHARACTERS} characters` : undefined,
  /** Each command in it must match: the weakest of them counts. */
  allows: (abouts, { input }) => {
    const patterns = abouts.flatMap(patternsOf);
    const commands = simpleCommands(textIn(input, "command") ?? "");
    return commands?.every((words) => patterns.some((pattern) => isMatch(pattern, words))) === true;
  },
  /** A command that is not certain may be any command. */
  denies: (_, about, { tool, input }) => {
    if (!TOOLS.includes(toolKey(tool))) return false;
    const commands = simpleCommands(textIn(input, "command") ?? "");
    if (!commands) return true;
    return patternsOf(about).some((pattern) => commands.some((words) => mayBe(pattern, words.join(" "))));
  },
  hint: "Use plain words and quotes, joined by &&, ||, ; or |, without variables, substitutions, wildcards and redirections to files.",
};

/** `git:*` is the same as `git *`. */
function patternsOf(about: string): string[] {
  return about
    .split(",")
    .map((pattern) => pattern.trim().replace(/:\*$/, " *"))
    .filter((pattern) => pattern !== "");
}

function isMatch(pattern: string, words: readonly string[]): boolean {
  const command = words.join(" ");
  const isNamed = pattern.endsWith(" *") && command === pattern.slice(0, -2);
  if (!isNamed && !matchesStars(pattern, command)) return false;
  return !runsOthers(words, new Set(pattern.split(" ")));
}

/** Whether the text matches; `*` is any text. Greedy with one step back, which is enough for stars alone. */
function matchesStars(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  let i = 0;
  while (i < text.length) {
    if (pattern[at] === "*") {
      star = at++;
      from = i;
    } else if (at < pattern.length && pattern[at] === text[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++from;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/** Whether the pattern's words occur in a command in their order: behind any wrapper, in any case, in quoted text too. */
function mayBe(pattern: string, command: string): boolean {
  let rest = command.toLowerCase();
  for (const word of pattern.toLowerCase().split(/\s+/)) {
    const [literal = "", ...stars] = word.split("*");
    if (literal === "") continue;
    const end = endOf(rest, literal, stars.length > 0);
    if (end === undefined) return false;
    rest = rest.slice(end);
  }
  return true;
}

/** Where the first occurrence of a whole word ends. With `isStart` it may go on. */
function endOf(text: string, word: string, isStart: boolean): number | undefined {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    const isBegin = !/[\w-]/.test(text[at - 1] ?? " ");
    if (isBegin && (isStart || !/[\w-]/.test(text[end] ?? " "))) return end;
  }
  return undefined;
}
