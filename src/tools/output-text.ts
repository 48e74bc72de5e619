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
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, room);
    // Cut only at twice the limit, so that cuts are rare.
    this.#tail += text.slice(room);
    if (this.#tail.length > 2 * this.#half) this.#tail = this.#tail.slice(-this.#half);
  }

  get text(): string {
    const left = this.#length - this.#head.length - Math.min(this.#tail.length, this.#half);
    if (left === 0) return `${this.#head}${this.#tail}`;
    return `${this.#head}\n[… ${left} characters left out …]\n${this.#tail.slice(-this.#half)}`;
  }
}
