/**
 * A short text that a simple regular expression matches. Supports literals, escapes, classes, groups, alternatives (takes
 * the first) and quantifiers (takes the minimum). Undefined for a pattern with anything else.
 */
export function textFromPattern(pattern: string): string | undefined {
  try {
    const text = new Reader(pattern).alternatives();
    return new RegExp(pattern, "u").test(text) ? text : undefined;
  } catch {
    return undefined; // Not a pattern, or one with unsupported parts.
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  d: "0",
  w: "a",
  s: " ",
  D: "a",
  W: "-",
  S: "a",
  b: "",
  n: "\n",
  t: "\t",
};

class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  alternatives(): string {
    const first = this.#sequence();
    while (this.#take("|")) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#peek())) {
      const atom = this.#atom();
      text += atom.repeat(this.#least());
    }
    return text;
  }

  #atom(): string {
    const char = this.#next();
    if (char === "^" || char === "$") return "";
    if (char === ".") return "a";
    if (char === "[") return this.#class();
    if (char === "\\") return this.#escape();
    if (char !== "(") return char;
    if (this.#take("?")) this.#take(":");
    const text = this.alternatives();
    this.#take(")");
    return text;
  }

  #escape(): string {
    const char = this.#next();
    return CLASSES[char] ?? char;
  }

  #class(): string {
    const isNegated = this.#take("^");
    const first = this.#take("\\") ? this.#escape() : this.#next();
    while (this.#next() !== "]") {
      // Only the first member is needed.
    }
    return isNegated ? (first === "a" ? "b" : "a") : first;
  }

  /** The minimum number of repetitions; 0 for `*` and `?`. */
  #least(): number {
    if (this.#take("*") || this.#take("?")) return 0;
    if (this.#take("+")) return 1;
    if (!this.#take("{")) return 1;
    const end = this.#pattern.indexOf("}", this.#at);
    const least = Number.parseInt(this.#pattern.slice(this.#at, end), 10);
    this.#at = end + 1;
    return least;
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? "";
  }

  #next(): string {
    const char = this.#peek();
    if (char === "") throw new Error("the pattern ends too early");
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}
