/** What a process says, of which the head and the tail are kept however much it is. */
export class OutputText {
  readonly #half: number;
  #head = "";
  #tail = "";
  #length = 0;

  /** @param limit - characters that are kept at most. */
  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  add(text: string): void {
    this.#length += text.length;
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, room);
    // Twice as much as is kept, so that it is cut only now and then.
    this.#tail += text.slice(room);
    if (this.#tail.length > 2 * this.#half) this.#tail = this.#tail.slice(-this.#half);
  }

  get text(): string {
    const left = this.#length - this.#head.length - Math.min(this.#tail.length, this.#half);
    if (left === 0) return `${this.#head}${this.#tail}`;
    return `${this.#head}\n[… ${left} characters are not kept …]\n${this.#tail.slice(-this.#half)}`;
  }
}
