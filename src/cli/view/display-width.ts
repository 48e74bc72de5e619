import { stripVTControlCharacters } from "node:util";
import { printable } from "../../format/text.ts";

// Graphemes that a terminal draws in two columns: East Asian Wide and Fullwidth (Unicode 16), and emoji.
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\ufe0f|\p{Emoji_Presentation}/u;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u{e0000}-\u{e0fff}]+$/u;
const ASCII = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The columns that a line takes on a terminal: two for CJK and emoji, none for combining marks and colours. */
export function displayWidth(line: string): number {
  if (ASCII.test(line)) return line.length;
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(line))) {
    width += graphemeWidth(segment);
  }
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
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
    width += graphemeWidth(segment);
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
  while (displayWidth(rest) > columns) {
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
