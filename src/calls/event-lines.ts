import { checkSize, MOST_CONTENT } from "./bounds.ts";

/** One server-sent event. Not every server names its events. */
export interface ServerEvent {
  readonly name: string | undefined;
  readonly data: string;
}

/** Takes a body apart into server-sent events, by its lines and not by its content type, which servers get wrong. */
export class EventLines {
  #rest = "";
  #name: string | undefined;
  #data: string[] = [];
  #other = "";
  /** Characters of the event under way, or of the body that has none. */
  #size = 0;

  /** The lines that belong to no event: the body itself, if it has none. */
  get other(): string {
    return this.#other + this.#rest;
  }

  /** @returns the events that these characters complete. @throws CallError when one event is too large. */
  push(text: string): ServerEvent[] {
    this.#size += text.length;
    if (!/[\r\n]/.test(text) && !this.#rest.endsWith("\r")) {
      checkSize(this.#size, MOST_CONTENT, "characters without an end");
      this.#rest += text; // To look for its end again and again would take quadratic time.
      return [];
    }
    const all = this.#rest + text;
    // A carriage return at the end may be the first half of a line's end.
    const end = Math.max(all.lastIndexOf("\n"), all.lastIndexOf("\r", all.length - 2)) + 1;
    this.#rest = all.slice(end);
    const events = this.#take(all.slice(0, end));
    if (events.length > 0) this.#size = this.#rest.length + this.#other.length;
    checkSize(this.#size, MOST_CONTENT, "characters without an end");
    return events;
  }

  /** @returns the last events, although the blank line after them did not arrive. */
  end(): ServerEvent[] {
    const rest = this.#rest;
    this.#rest = "";
    return this.#take(`${rest}\n\n`);
  }

  #take(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = text.split(/\r\n|\n|\r/);
    lines.pop(); // What follows the last line's end.
    for (const line of lines) {
      if (line === "") events.push(...this.#complete());
      else this.#add(line);
    }
    return events;
  }

  #complete(): ServerEvent[] {
    const event = { name: this.#name, data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#name = undefined;
    this.#data = [];
    return isEmpty ? [] : [event];
  }

  #add(line: string): void {
    const [, field, value = ""] = /^(data|event|id|retry|)(?::\s?(.*))?$/s.exec(line) ?? [];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value.trim();
    else if (field === undefined) this.#other += `${line}\n`;
  }
}
