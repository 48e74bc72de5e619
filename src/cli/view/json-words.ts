const KEPT = 240;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: " ", r: " ", b: "", f: " " };

/**
 * The words of a JSON document while it streams: its string values, unescaped, without keys, numbers and syntax.
 * All of a text that does not start like JSON is words. Pieces may end anywhere, also within an escape. Keeps only
 * the latest words.
 */
export class JsonWords {
  #words = "";
  #place: "start" | "plain" | "outside" | "key" | "value" = "start";
  /** The last character outside of strings. It tells a key from a value. */
  #before = "";
  readonly #open: string[] = [];
  #escape = "";

  /** The latest words, untrusted. */
  get latest(): string {
    return this.#words;
  }

  add(piece: string): void {
    for (const char of piece) this.#read(char);
    this.#words = this.#words.slice(-KEPT);
  }

  #read(char: string): void {
    if (this.#place === "start" && char.trim() !== "") {
      this.#place = char === "{" || char === "[" ? "outside" : "plain";
    }
    if (this.#place === "plain") this.#words += char;
    else if (this.#place === "outside") this.#readSyntax(char);
    else if (this.#place !== "start") this.#readString(char);
  }

  #readSyntax(char: string): void {
    if (char.trim() === "") return;
    if (char === '"') this.#place = this.#isKey() ? "key" : "value";
    else if (char === "{" || char === "[") this.#open.push(char);
    else if (char === "}" || char === "]") this.#open.pop();
    this.#before = char;
    if (this.#place === "value" && this.#words !== "") this.#words += " ";
  }

  #isKey(): boolean {
    return this.#open.at(-1) === "{" && this.#before !== ":";
  }

  #readString(char: string): void {
    const isValue = this.#place === "value";
    if (this.#escape !== "" || char === "\\") {
      this.#escape += char;
      const text = unescapeJson(this.#escape);
      if (text === undefined) return;
      this.#escape = "";
      if (isValue) this.#words += text;
    } else if (char === '"') this.#place = "outside";
    else if (isValue) this.#words += char;
  }
}

/** The text of a JSON escape; undefined for an incomplete one. */
function unescapeJson(sequence: string): string | undefined {
  const kind = sequence[1];
  if (kind === undefined) return undefined;
  if (kind !== "u") return ESCAPED[kind] ?? kind;
  if (sequence.length < 6) return undefined;
  const code = Number.parseInt(sequence.slice(2), 16);
  return Number.isNaN(code) ? "" : String.fromCharCode(code);
}
