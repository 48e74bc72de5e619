/** Longer commands are not read. */
const MOST_CHARACTERS = 10_000;

/** Shells read the words after these as commands of their own. */
const RESERVED = new Set(
  "if then elif else fi for while until do done case esac select function time coproc in".split(" "),
);

/** White space, separators, quoted text without expansion, redirections that change no file, and plain text. */
const TOKEN =
  /(?<space>[ \t]+)|(?<separator>(?:&&|\|\||[;|\n])[ \t\n]*)|(?<redirection>(?:[12]?>>?[ \t]*\/dev\/null|2>&1|<[ \t]*\/dev\/null)(?=[ \t;|\n]|&&|$))|'(?<single>[^'\0]*)'|"(?<double>[^"$`\\\0]*)"|(?<plain>[\w@%+:,./=-]+)/gy;

/**
 * The simple commands of a shell command, each as its words.
 *
 * @returns undefined unless it is certain that a shell reads the command so: expansions, substitutions, subshells,
 * background jobs, assignments, escapes and redirections to files are not certain.
 */
export function simpleCommands(command: string): readonly (readonly string[])[] | undefined {
  if (command.length > MOST_CHARACTERS) return undefined;
  const tokens = tokensOf(trimmed(command));
  const commands = tokens && splitAtSeparators(tokens).map(wordsOf);
  return commands?.every((words) => words !== undefined && isCertain(words))
    ? commands.map((words) => words ?? [])
    : undefined;
}

/** Without white space around it and a last `;`. */
function trimmed(command: string): string {
  const isBlank = (character = "") => /[ \t\n]/.test(character);
  let start = 0;
  let end = command.length;
  while (isBlank(command[start])) start++;
  while (end > start && isBlank(command[end - 1])) end--;
  return command.slice(start, command[end - 1] === ";" ? end - 1 : end);
}

type Token = Readonly<Record<string, string | undefined>>;

function tokensOf(command: string): Token[] | undefined {
  const matches = [...command.matchAll(TOKEN)];
  const last = matches.at(-1);
  const end = last ? last.index + last[0].length : 0;
  return end === command.length ? matches.map(({ groups = {} }) => groups) : undefined;
}

function splitAtSeparators(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token["separator"] !== undefined) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Joins the neighbouring pieces of a word; undefined when a redirection follows a word without a space. */
function wordsOf(tokens: readonly Token[]): string[] | undefined {
  const words: string[] = [];
  let isOpen = false;
  for (const { space, redirection, single, double, plain } of tokens) {
    if (redirection !== undefined && isOpen) return undefined;
    const piece = single ?? double ?? plain;
    if (piece !== undefined) words.push(isOpen ? `${words.pop() ?? ""}${piece}` : piece);
    isOpen = space === undefined && redirection === undefined;
  }
  return words;
}

/** Whether its first word is a program, and no word starts what zsh expands. */
function isCertain(words: readonly string[]): boolean {
  const [program = ""] = words;
  if (program === "" || /[\s=]/.test(program) || RESERVED.has(program)) return false;
  return !words.some((word) => word.startsWith("="));
}
