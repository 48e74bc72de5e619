/** The parts of a Markdown file: the YAML between the `---` lines, and the rest. */
export type SplitFile =
  | { readonly kind: "frontmatter"; readonly yaml: string; readonly firstLine: number; readonly body: string }
  | { readonly kind: "plain" }
  | { readonly kind: "unclosed" };

const FENCE = /^---[ \t]*$/;
const OPENING_LINES_READ = 60;

/**
 * Splits a file at its frontmatter. Only blank lines may come before it. Line ends become `\n`, and a byte order
 * mark is removed. `firstLine` is the YAML's first line in the file, from 1.
 *
 * A file with an opening `---` and no closing one is `unclosed` when the next lines look like keys; otherwise the
 * `---` is a horizontal rule and the file is `plain`.
 */
export function splitFrontmatter(text: string): SplitFile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const opening = lines.findIndex((line) => line.trim() !== "");
  if (opening < 0 || !FENCE.test(lines[opening] ?? "")) return { kind: "plain" };
  const closing = lines.findIndex((line, index) => index > opening && FENCE.test(line));
  if (closing < 0) {
    const head = lines.slice(opening + 1, opening + OPENING_LINES_READ);
    return { kind: head.some((line) => /^(name|description)\s*:/.test(line)) ? "unclosed" : "plain" };
  }
  return {
    kind: "frontmatter",
    yaml: lines.slice(opening + 1, closing).join("\n"),
    firstLine: opening + 2,
    body: lines
      .slice(closing + 1)
      .join("\n")
      .trim(),
  };
}
