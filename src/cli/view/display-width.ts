import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";
import { printable } from "../../format/text.ts";

const ASCII = /^[\x20-\x7e]*$/;
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\p{Cf}\p{Cc}\p{Cs}]+$/u;
const EMOJI = /\ufe0f|\p{Emoji_Presentation}/u;
let segmenter: Intl.Segmenter | undefined;

/** Makes the segmenter at its first use: it takes 14 ms, and most lines are ASCII. */
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

/** At most `columns` wide, including the ellipsis that marks a cut. */
export function clipToWidth(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  if (columns < 1) return "";
  return `${startOf(line, columns - 1).trimEnd()}…`;
}

/** The longest start of a line that fits. */
export function startOf(line: string, columns: number): string {
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

/** Clipped or padded to exactly `columns`. */
export function fitToWidth(line: string, columns: number, align: "left" | "right" = "left"): string {
  const clipped = clipToWidth(line, columns);
  const space = " ".repeat(Math.max(0, columns - displayWidth(clipped)));
  return align === "right" ? space + clipped : clipped + space;
}

/** Lines of at most `columns`, broken at spaces if possible. Keeps line ends and indents. */
export function wrapToWidth(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(2, columns)));
}

/** @param hang - spaces before all lines but the first. */
function wrapLine(line: string, columns: number, hang = 0): string[] {
  const lines: string[] = [];
  const room = () => (lines.length === 0 ? columns : columns - hang);
  const push = (text: string) => lines.push(lines.length === 0 ? text : " ".repeat(hang) + text);
  let rest = line.trimEnd();
  if (displayWidth(rest) <= columns) return [rest];
  // Measures one line's width at a time: measuring the whole rest would take quadratic time.
  while (startOf(rest, room()).length < rest.length) {
    const start = startOf(rest, room() + 1);
    const space = start.lastIndexOf(" ");
    const atSpace = space > 0 && start.slice(0, space).trim() !== "";
    const head = atSpace ? start.slice(0, space) : startOf(rest, room()) || rest.slice(0, 1);
    push(head.trimEnd());
    rest = rest.slice(head.length).trimStart();
  }
  push(rest);
  return lines;
}

/** Wraps all lines except indented ones: those are commands, which must stay whole to be copied. */
export function wrapUnlessIndented(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => (line.startsWith("  ") ? [line] : wrapLine(line, columns)));
}

const FENCE = /^\s*(?:```|~~~)/;
/** Lines of Markdown whose breaks matter: tables and indented code. */
const FIXED = /^(?:\s*\||\t| {4})/;

/** Wraps Markdown. Code and tables keep their lines; a list item is indented below its mark. */
export function wrapProse(text: string, columns: number): string[] {
  let isCode = false;
  return text.split("\n").flatMap((line) => {
    const isFence = FENCE.test(line);
    if (isFence) isCode = !isCode;
    if (isFence || isCode || FIXED.test(line)) return [line];
    const mark = /^\s*(?:[-*+]|\d+[.)])\s+/.exec(line)?.[0].length ?? 0;
    return wrapLine(line, columns, Math.min(mark, Math.floor(columns / 2)));
  });
}

/** Untrusted text on one line, safe to print: no control characters, single spaces. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, " ").trim();
}

/** Untrusted text on several lines, safe to print. A tab becomes two spaces, because its width is unknown. */
export function manyLines(text: string): string {
  return printable(text)
    .replaceAll("\t", "  ")
    .replaceAll(/[\u2028\u2029]/g, "\n")
    .trim();
}
