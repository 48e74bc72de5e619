import { headOf, tailOf } from "../format/text.ts";

/** The output of a process. Keeps its head and its tail, whatever its length. */
export class OutputText {
  readonly #half: number;
  #head = "";
  #tail = "";
  #length = 0;

  /** @param limit - the most characters to keep. */
  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  add(text: string): void {
    this.#length += text.length;
    const head = this.#tail === "" ? headOf(text, this.#half - this.#head.length) : "";
    this.#head += head;
    // Cut only at twice the limit, so that cuts are rare.
    this.#tail += text.slice(head.length);
    if (this.#tail.length > 2 * this.#half) this.#tail = tailOf(this.#tail, this.#half);
  }

  get text(): string {
    const tail = tailOf(this.#tail, this.#half);
    const left = this.#length - this.#head.length - tail.length;
    if (left === 0) return `${this.#head}${tail}`;
    return `${this.#head}\n[… ${left} characters left out …]\n${tail}`;
  }
}
