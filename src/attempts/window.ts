import { FEW_BYTES_PER_TOKEN } from "../calls/prompt-size.ts";
import type { ConversationMessage, OpeningContent } from "../calls/transport.ts";
import { placeName, type ToolTurn } from "../postgres/tool-calls.ts";
import { READ_RESULT } from "./tool-result.ts";

/** The part of a model's window that a conversation may fill: the rest is for the answer and for the estimate's error. */
const FILLED_SHARE = 0.7;
/** The part of that which is left after results were left out, so that the prefix then stays the same for a while. */
const KEPT_SHARE = 0.5;
/** The last messages, whose results stay: three turns and their results. */
const LAST_MESSAGES = 6;
/** A shorter result saves nothing. */
const SHORT_CHARACTERS = 400;

/** One message of a conversation, and the form of it without long tool results. */
interface Said {
  readonly message: ConversationMessage;
  readonly bytes: number;
  readonly short: ConversationMessage | undefined;
  readonly shortBytes: number;
}

/**
 * The messages of one attempt's conversation. When they would fill the model's window, the oldest long tool results are
 * left out of what is sent, half of the window at once, because each such change makes the API's cache worthless from
 * there on. The record keeps every result, and the agent can read it again.
 */
export class Conversation {
  readonly #said: Said[] = [];
  #mostBytes: number;
  #bytes: number;
  /** Of the messages before this one, long results are left out. */
  #shortBefore = 0;

  /** @param windowTokens - the model's window, of prompt and answer together. */
  constructor(opening: OpeningContent, windowTokens: number) {
    this.#bytes = bytesOf(opening);
    this.#mostBytes = windowTokens * FEW_BYTES_PER_TOKEN * FILLED_SHARE;
  }

  /** The messages to send. */
  get messages(): readonly ConversationMessage[] {
    return this.#said.map(({ message, short }, at) => (at < this.#shortBefore && short) || message);
  }

  add(...messages: readonly ConversationMessage[]): void {
    for (const message of messages) this.#add(message);
  }

  /** Adds the results of a turn's calls. @param turn - names them, for the tool that reads them again. */
  addResults(message: ConversationMessage, turn: ToolTurn): void {
    this.#add(message, withoutLongResults(message, turn));
  }

  #add(message: ConversationMessage, short?: ConversationMessage): void {
    const bytes = bytesOf(message);
    this.#said.push({ message, bytes, short, shortBytes: short ? bytesOf(short) : bytes });
    this.#bytes += bytes;
    if (this.#bytes > this.#mostBytes) this.#shorten(this.#mostBytes * KEPT_SHARE);
  }

  /**
   * Leaves out half of what is there, because the server had no room for it.
   *
   * @returns whether anything could be left out.
   */
  shorten(): boolean {
    this.#mostBytes = this.#bytes * FILLED_SHARE;
    return this.#shorten(this.#bytes * KEPT_SHARE);
  }

  #shorten(wantedBytes: number): boolean {
    const before = this.#bytes;
    const last = this.#said.length - LAST_MESSAGES;
    while (this.#shortBefore < last && this.#bytes > wantedBytes) {
      const { bytes = 0, shortBytes = 0 } = this.#said[this.#shortBefore] ?? {};
      this.#bytes -= bytes - shortBytes;
      this.#shortBefore += 1;
    }
    return this.#bytes < before;
  }
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Undefined when it has no long results. */
function withoutLongResults(
  { role, content }: ConversationMessage,
  turn: ToolTurn,
): ConversationMessage | undefined {
  if (typeof content === "string") return undefined;
  const short = content.map((block, at) => shortResult(block, placeName(turn, at + 1)));
  return short.some((block, at) => block !== content[at]) ? { role, content: short } : undefined;
}

function shortResult(block: unknown, name: string): unknown {
  const { content } = Object(block);
  if (typeof content !== "string" || content.length <= SHORT_CHARACTERS) return block;
  const how = `${READ_RESULT} with {"result": "${name}"} reads it again`;
  return {
    ...Object(block),
    content: `[${content.length} characters are left out here to save room; ${how}]`,
  };
}
