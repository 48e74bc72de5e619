import { z } from "zod";
import { clip } from "../../format/text.ts";
import { defineTool } from "../define-tool.ts";
import { globMatcher } from "../glob-pattern.ts";
import { type LineSearch, startLineSearch } from "../line-search.ts";
import { walkFiles } from "../walk.ts";
import { type Workspace, WorkspaceError } from "../workspace.ts";

const TIMEOUT_MS = 10_000;
const FILE_BYTES = 5_000_000;
const ENTRIES = 250;
const LINE_CHARACTERS = 500;
/** The most lines around a match. */
const MOST_AROUND = 100;

const inputSchema = z.object({
  pattern: z.string().min(1),
  path: z.string().optional(),
  glob: z.string().optional(),
  type: z.string().optional().describe("A file name's ending, as ts."),
  output_mode: z.enum(["content", "files_with_matches", "count"]).optional(),
  "-i": z.boolean().optional(),
  "-n": z.boolean().optional(),
  "-A": z.number().int().nonnegative().max(MOST_AROUND).optional(),
  "-B": z.number().int().nonnegative().max(MOST_AROUND).optional(),
  "-C": z.number().int().nonnegative().max(MOST_AROUND).optional(),
  multiline: z.boolean().optional(),
  head_limit: z.number().int().positive().optional(),
});
type GrepInput = z.infer<typeof inputSchema>;

export const grepTool = defineTool({
  name: "Grep",
  description:
    "Searches the workspace's files for a regular expression of JavaScript; lists files by default.",
  effect: "reads",
  input: inputSchema,
  run: async (input, { workspace, signal }) => {
    const ignoresCase = input["-i"] === true;
    const isMultiline = input.multiline === true;
    const { pattern } = input;
    const search = startLineSearch({ pattern, ignoresCase, isMultiline, signal, timeoutMs: TIMEOUT_MS });
    try {
      return await searchFiles(workspace, input, search, signal);
    } finally {
      await search.close();
    }
  },
});

async function searchFiles(
  workspace: Workspace,
  input: GrepInput,
  search: LineSearch,
  signal: AbortSignal,
): Promise<string> {
  const { path = ".", head_limit: limit = ENTRIES } = input;
  const { files, isCut } = await filesOf(workspace, path, signal);
  const isWanted = fileFilter(input);
  const found: string[] = [];
  for (const file of files.filter(isWanted)) {
    if (found.length > limit) break;
    const text = await textOf(workspace, file);
    if (text === undefined) continue;
    const lines = await search.linesIn(text);
    if (lines.length > 0) found.push(...entriesFor(file, text, lines, input));
  }
  const notes = [
    ...(found.length > limit ? [`[There is more: only the first ${limit} are shown.]`] : []),
    ...(isCut ? ["[There are too many or too deep folders to search all: give a path.]"] : []),
  ];
  if (found.length === 0 && notes.length === 0) return "Nothing matches.";
  return [...found.slice(0, limit), ...notes].join("\n");
}

/** All files of a folder, or a single file. */
async function filesOf(workspace: Workspace, path: string, signal: AbortSignal) {
  const file = await workspace.openFile(path).catch(() => undefined);
  if (!file) return walkFiles(workspace, path, signal);
  await file.close();
  return { files: [workspace.relative(path)], isCut: false };
}

/** A glob without a slash is for names in any folder. */
function fileFilter({ glob, type }: GrepInput): (file: string) => boolean {
  const byGlob = glob === undefined ? undefined : globMatcher(glob, true);
  const byType = type === undefined ? undefined : globMatcher(`*.${type}`, true);
  return (file) => (byGlob?.(file) ?? true) && (byType?.(file) ?? true);
}

/** A file's text; undefined when it is not text, too large, or gone. */
async function textOf(workspace: Workspace, path: string): Promise<string | undefined> {
  const file = await workspace.openFile(path).catch((error: unknown) => {
    if (error instanceof WorkspaceError) return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    if ((await file.stat()).size > FILE_BYTES) return undefined;
    const text = await file.readFile("utf8");
    return text.includes("\0") ? undefined : text;
  } finally {
    await file.close();
  }
}

function entriesFor(file: string, text: string, lines: readonly number[], input: GrepInput): string[] {
  const { output_mode: mode = "files_with_matches" } = input;
  if (mode === "files_with_matches") return [file];
  if (mode === "count") return [`${file}:${lines.length}`];
  return shownLines(file, text.split("\n"), lines, input);
}

/** Matching lines as `file:7:text`, lines around them as `file-7-text`. */
function shownLines(file: string, all: readonly string[], lines: readonly number[], input: GrepInput) {
  const { "-C": around = 0, "-A": after = around, "-B": before = around, "-n": hasNumbers = true } = input;
  const matching = new Set(lines);
  const shown = new Set(
    lines.flatMap((line) => Array.from({ length: before + after + 1 }, (_, index) => line - before + index)),
  );
  return [...shown]
    .filter((line) => line >= 0 && line < all.length)
    .sort((one, other) => one - other)
    .map((line) => {
      const mark = matching.has(line) ? ":" : "-";
      return `${file}${mark}${hasNumbers ? `${line + 1}${mark}` : ""}${clip(all[line] ?? "", LINE_CHARACTERS)}`;
    });
}
