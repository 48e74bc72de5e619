const ESC = "\u001b";
/** A sequence, a carriage return, a line end, or text. */
const PIECES = new RegExp(`${ESC}\\[\\??(\\d*)([A-Za-z])|(\\r)|(\\n)|([^${ESC}\\r\\n]+)`, "gu");

/** As much of a terminal as the views use: text, line ends, and the sequences they write. */
export class Screen {
  readonly columns: number;
  readonly rows: number;
  isCursorShown = true;
  readonly #lines: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    for (const [, count = "", letter, back, down, plain] of text.matchAll(PIECES)) {
      if (plain) this.#put(plain);
      else if (letter) this.#obey(letter, count);
      if (back) this.#column = 0;
      if (down) this.#row += 1;
      while (this.#lines.length <= this.#row) this.#lines.push("");
    }
  }

  #obey(letter: string, count: string): void {
    if (letter === "A") this.#row -= Number(count || 1);
    if (letter === "K") this.#set(this.#line().slice(0, this.#column));
    if (letter === "J") this.#clearBelow();
    if (count === "25") this.isCursorShown = letter === "h";
  }

  get text(): string {
    return this.#lines.join("\n").trimEnd();
  }

  #put(text: string): void {
    const before = this.#line().padEnd(this.#column).slice(0, this.#column);
    this.#set(before + text + this.#line().slice(this.#column + text.length));
    this.#column += text.length;
  }

  #clearBelow(): void {
    this.#set(this.#line().slice(0, this.#column));
    this.#lines.length = this.#row + 1;
  }

  #line(): string {
    return this.#lines[this.#row] ?? "";
  }

  #set(line: string): void {
    this.#lines[this.#row] = line;
  }
}
