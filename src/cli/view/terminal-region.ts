import { gate } from "../terminal.ts";
import { displayWidth } from "./display-width.ts";
import { pageFor } from "./render-options.ts";

/** A terminal, and its size if known. The size may change at any time. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const CSI = `${String.fromCodePoint(0x1b)}[`;
const HIDE_CURSOR = `${CSI}?25l`;
const SHOW_CURSOR = `${CSI}?25h`;
/** Without automatic wrapping, a line that is too wide is cut instead of breaking the region. */
const WRAP_OFF = `${CSI}?7l`;
const WRAP_ON = `${CSI}?7h`;
const CLEAR_LINE_END = `${CSI}K`;
const CLEAR_BELOW = `${CSI}J`;

export function sizeOf(stream: TerminalStream): { columns: number; rows: number } {
  return { columns: pageFor(stream, false).columns, rows: Math.max(5, stream.rows || 24) };
}

/**
 * Lines at the end of a terminal's output that are redrawn in place, each time in one write. Its cursor movements pass no gate,
 * so it sends each line through the gate itself.
 */
export class TerminalRegion {
  readonly #stream: TerminalStream;
  #drawn: readonly string[] = [];

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Writes only changes. Hides the cursor until `clear` or `leave`. */
  draw(untrusted: readonly string[]): void {
    const lines = untrusted.map(gate);
    if (lines.length === this.#drawn.length && lines.every((line, i) => line === this.#drawn[i])) return;
    const hide = this.#drawn.length === 0 ? HIDE_CURSOR : "";
    const text = lines.map((line) => `${line}${CLEAR_LINE_END}`).join("\r\n");
    this.#stream.write(`${hide}${WRAP_OFF}${this.#toStart()}${text}${CLEAR_BELOW}${WRAP_ON}`);
    this.#drawn = lines;
  }

  /** Writes lines that stay above the region. */
  insert(text: string): void {
    const drawn = this.#drawn;
    this.clear();
    this.#stream.write(`${gate(text).replaceAll("\n", "\r\n")}\r\n`);
    if (drawn.length > 0) this.draw(drawn);
  }

  /** Takes the region off the screen. */
  clear(): void {
    if (this.#drawn.length === 0) return;
    this.#stream.write(`${this.#toStart()}${CLEAR_BELOW}${SHOW_CURSOR}`);
    this.#drawn = [];
  }

  /** Leaves the region on the screen. The next output is below it. */
  leave(): void {
    if (this.#drawn.length === 0) return;
    this.#stream.write(`\r\n${SHOW_CURSOR}`);
    this.#drawn = [];
  }

  /** To the region's first column and line. A narrower terminal has wrapped the drawn lines. */
  #toStart(): string {
    const { columns, rows } = sizeOf(this.#stream);
    const height = this.#drawn.reduce((sum, line) => sum + linesTaken(line, columns), 0);
    const up = Math.min(height, rows) - 1;
    return up > 0 ? `\r${CSI}${up}A` : "\r";
  }
}

function linesTaken(line: string, columns: number): number {
  return Math.max(1, Math.ceil(displayWidth(line) / columns));
}
