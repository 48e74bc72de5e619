import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";
import { printable } from "../../format/text.ts";

const ASCII = /^[\x20-\x7e]*$/;
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\p{Cf}\p{Cc}\p{Cs}]+$/u;
const EMOJI = /\ufe0f|\p{Emoji_Presentation}/u;
let segmenter: Intl.Segmenter | undefined;

/** The segmenter is made at its first use: it takes 14 ms, and most lines are ASCII. */
function graphemesOf(line: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(line);
}

/** The columns that a line takes on a terminal: two for CJK and emoji, none for combining marks and colours. */
export function displayWidth(line: string): number {
  if (ASCII.test(line)) return line.length;
  let width = 0;
  for (const { segment } of graphemesOf(stripVTControlCharacters(line))) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return EMOJI.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0);
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
  for (const { segment, index } of graphemesOf(line)) {
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
