import { relative, resolve, sep } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import { toolKey } from "../../domain/tool-rule.ts";
import { globMatcher } from "../glob-pattern.ts";
import { type JudgedCall, type RuleKind, type RulePlace, textIn } from "./rule-kind.ts";

const SEARCHES = ["grep", "glob", "ls", "list"];
const WRITES = ["write", "edit", "multiedit", "notebookedit"];
const ALL = [...SEARCHES, ...WRITES, "read", "notebookread"];
const MOST_CHARACTERS = 500;

/**
 * Patterns as in a `.gitignore`, in Claude Code's four forms: `//absolute`, `~/of the home`, `/of the workspace` and
 * `relative` to it. A folder stands for everything in it. A rule of a tool that reads is about every use of the file; a
 * rule of a tool that writes is about all tools that write.
 */
export const pathRules: RuleKind = {
  tools: ALL,
  problemOf: (about) => {
    if (about.length > MOST_CHARACTERS) return `it is longer than ${MOST_CHARACTERS} characters`;
    if (about.startsWith("!")) return "it is negated";
    if (about.split("/").includes("..")) return 'it leads upwards with ".."';
    try {
      globMatcher(about);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  },
  allows: (abouts, call, place) => {
    const wanted = pathsOf(call, place);
    if (!wanted || leadsOut(call)) return false;
    // A search reads a whole folder: all of it must match, also a file that no pattern knows.
    const inside = SEARCHES.includes(toolKey(call.tool)) ? `${sep}any${sep}file` : "";
    return wanted.every((path) => abouts.some((about) => isPathOf(about, `${path}${inside}`, place)));
  },
  denies: (ruleTool, about, call, place) => {
    if (!(WRITES.includes(ruleTool) ? WRITES : ALL).includes(toolKey(call.tool))) return false;
    const wanted = pathsOf(call, place);
    return wanted?.some((path) => isPathOf(about, path, place, true)) ?? true;
  },
  hint: "Name another file.",
};

/** Whether rules of reading tools hide an absolute path, as in the list of a folder. */
export function hidesPath(ruleTool: string, about: string, path: string, place: RulePlace): boolean {
  return ALL.includes(ruleTool) && !WRITES.includes(ruleTool) && isPathOf(about, path, place, true);
}

/** The absolute paths that a call may mean; undefined when it names none and needs one. */
export function pathsOf({ tool, input }: JudgedCall, { root, home, placesOf }: RulePlace) {
  const isSearch = SEARCHES.includes(toolKey(tool));
  const written = textIn(input, "file_path", "notebook_path", "path") ?? (isSearch ? "." : undefined);
  if (written === undefined) return undefined;
  const path = resolve(root, written.replace(/^~(?=\/|$)/, home));
  return [path, ...placesOf(path)];
}

/** Whether a search's own pattern leaves the folder that it names. */
function leadsOut({ tool, input }: JudgedCall): boolean {
  const pattern = textIn(input, toolKey(tool) === "glob" ? "pattern" : "glob") ?? "";
  return SEARCHES.includes(toolKey(tool)) && /^[/~]|(^|[/{,])\.\.(\/|$)/.test(pattern);
}

function isPathOf(about: string, path: string, place: RulePlace, ignoresCase = false): boolean {
  const { base, pattern } = patternOf(about, place);
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text);
  const within = relative(fold(base), fold(path));
  if (within === ".." || within.startsWith(`..${sep}`)) return false;
  return [pattern, `${pattern}/**`].some((glob) => globMatcher(`/${fold(glob)}`)(within));
}

function patternOf(
  about: string,
  { root, home }: RulePlace,
): { readonly base: string; readonly pattern: string } {
  const bare = about.replace(/^\.\//, "").replace(/\/+$/, "");
  if (bare.startsWith("//")) return { base: "/", pattern: bare.slice(2) };
  if (bare.startsWith("~/")) return { base: home, pattern: bare.slice(2) };
  if (bare.startsWith("/")) return { base: root, pattern: bare.slice(1) };
  return { base: root, pattern: bare.includes("/") ? bare : `**/${bare}` };
}
