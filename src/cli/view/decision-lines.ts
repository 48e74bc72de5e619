import { textForDecision } from "../../format/decision-text.ts";
import { headOf } from "../../format/text.ts";
import { displayWidth, startOf } from "./display-width.ts";

/** Before a line of the text, and before what did not fit into the line above. So no wrapped line looks like a line. */
const LINE = "│ ";
const WRAPPED = "┊ ";

/** More UTF-16 units than a column takes in any text but a hostile one. */
const UNITS = 8;

/** All lines of a text that a person decides about, each behind a bar and at most `columns` wide. */
export function decisionLines(text: string, columns: number): string[] {
  return barredLines(textForDecision(text).text, columns);
}

/** @param shown - a text for a decision. */
export function barredLines(shown: string, columns: number): string[] {
  const room = Math.max(8, columns - LINE.length);
  return shown
    .split("\n")
    .flatMap((line) =>
      wrapExactly(line.replaceAll("\t", "    "), room).map(
        (piece, index) => `${index === 0 ? LINE : WRAPPED}${piece}`,
      ),
    );
}

/** A named text: behind its name if it fits into that line, otherwise below. */
export function namedLines(name: string, text: string, columns: number): string[] {
  const { text: shown } = textForDecision(text);
  const line = `${name}: ${shown}`;
  if (!/[\n\t]/.test(shown) && displayWidth(line) <= columns) return [line];
  return [...markedLines(`${name}:`, columns), ...decisionLines(text, columns)];
}

/** One line that may not fit: no wrapped part of it looks like another line. */
export function markedLines(line: string, columns: number): string[] {
  const [first = "", ...rest] = wrapExactly(line, columns - WRAPPED.length);
  return [first, ...rest.map((piece) => `${WRAPPED}${piece}`)];
}

/** Wraps without losing a character: after a space if possible. */
function wrapExactly(line: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = line;
  for (;;) {
    // Measures only the next line: measuring the whole rest each time would take quadratic time.
    const next = headOf(rest, columns * UNITS);
    if (next.length === rest.length && displayWidth(rest) <= columns) return [...lines, rest];
    const fitting = startOf(next, columns) || headOf(next, 2);
    const space = fitting.trimEnd().lastIndexOf(" ") + 1;
    const isIndent = fitting.slice(0, space).trim() === "";
    const piece = isIndent ? fitting : fitting.slice(0, space);
    lines.push(piece);
    rest = rest.slice(piece.length);
  }
}
