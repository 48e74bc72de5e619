import stringWidth from "string-width";
import { printable } from "../../format/text.ts";

const ASCII = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The columns that a line takes on a terminal: two for CJK and emoji, none for combining marks and colours. */
export function displayWidth(line: string): number {
  return stringWidth(line);
}

/** At most `columns` wide; what was cut is marked by an ellipsis within them. */
export function clipToWidth(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  if (columns < 1) return "";
  return `${startOf(line, columns - 1).trimEnd()}…`;
}

/** The longest start of a line that fits. */
function startOf(line: string, columns: number): string {
  if (ASCII.test(line)) return line.slice(0, columns);
  let width = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(line)) {
    width += displayWidth(segment);
    if (width > columns) break;
    end = index + segment.length;
  }
  return line.slice(0, end);
}

/** Clipped or filled with spaces to exactly `columns`. */
export function fitToWidth(line: string, columns: number, align: "left" | "right" = "left"): string {
  const clipped = clipToWidth(line, columns);
  const space = " ".repeat(Math.max(0, columns - displayWidth(clipped)));
  return align === "right" ? space + clipped : clipped + space;
}

/** Lines of at most `columns`, broken at spaces where that is possible. Line ends and indents are kept. */
export function wrapToWidth(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(2, columns)));
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = line.trimEnd();
  if (displayWidth(rest) <= columns) return [rest];
  // Measures no more than a line's width each time: measuring all that is left would take quadratic time.
  while (startOf(rest, columns).length < rest.length) {
    const start = startOf(rest, columns + 1);
    const space = start.lastIndexOf(" ");
    const atSpace = space > 0 && start.slice(0, space).trim() !== "";
    const head = atSpace ? start.slice(0, space) : startOf(rest, columns) || rest.slice(0, 1);
    lines.push(head.trimEnd());
    rest = rest.slice(head.length).trimStart();
  }
  return [...lines, rest];
}

/** Untrusted text safe to print on one line: control characters gone, blank space joined. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, " ").trim();
}

/** Untrusted text safe to print on several lines; a tab, whose width nobody knows, is two spaces. */
export function manyLines(text: string): string {
  return printable(text)
    .replaceAll("\t", "  ")
    .replaceAll(/[\u2028\u2029]/g, "\n")
    .trim();
}
