import { SEQUENCES } from "./view/paint.ts";

/**
 * The one way to a terminal. Every text passes here: only line breaks, tabs and our own colours get through.
 * All other control and bidirectional characters are shown as `\u001b`, which is what they are in JSON. So a JSON document keeps
 * its value.
 */
export function gate(text: string): string {
  return text.replaceAll(GUARDED, (found) => (SEQUENCES.has(found) ? found : escaped(found)));
}

const ESC = String.fromCodePoint(0x1b);
const GUARDED = new RegExp(
  `${ESC}\\[\\d{1,2}m|(?![\\t\\n])[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Bidi_Control}\\u{e0000}-\\u{e007f}]`,
  "gu",
);

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** The parts of a process's stream that the command line uses. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** A stream for people, behind the gate. */
export interface Terminal extends Output {
  /** Without the gate: only for cursor movements, in the file that makes them. */
  readonly ungated: Output;
}

/** Standard error: notes, questions and progress, for people wherever it goes. */
export const stderr = terminalOn(process.stderr, () => true);
/** Standard output: results. A program at the other end of a pipe gets them unchanged. */
export const stdout = terminalOn(process.stdout, () => process.stdout.isTTY);

function terminalOn(stream: NodeJS.WriteStream, isGuarded: () => boolean): Terminal {
  const ungated: Output = {
    write: (text) => stream.write(text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
  const write = (text: string) => stream.write(isGuarded() ? gate(text) : text);
  return {
    write,
    ungated,
    get isTTY() {
      return ungated.isTTY === true;
    },
    get columns() {
      return ungated.columns;
    },
    get rows() {
      return ungated.rows;
    },
  };
}
