import { APIError } from "@anthropic-ai/sdk";
import { type Hide, hiddenIn } from "../domain/secrets.ts";
import type { Usage } from "../domain/usage.ts";
import { checkSize, MOST_CHARACTERS } from "./bounds.ts";
import { EventLines, type ServerEvent } from "./event-lines.ts";
import { MessageBuilder, notAMessage, parseEvent } from "./message-builder.ts";
import type { TurnContext, TurnResponse } from "./transport.ts";

/** How long the end of a body is waited for after its message, so that the connection can be used again. */
const DRAIN_MS = 1000;

/** The reading of one answer. */
export class AnswerReader {
  readonly #builder = new MessageBuilder();
  readonly #lines = new EventLines();
  readonly #context: Pick<TurnContext, "onText" | "onStart">;
  readonly #hide: Hide;
  /** Whether something arrived that is JSON as a whole. */
  #isRead = false;

  /** @param hide - hides the key in answers: a server that has it may echo it. */
  constructor(context: Pick<TurnContext, "onText" | "onStart">, hide: Hide = (text) => text) {
    this.#context = context;
    this.#hide = hide;
  }

  /** Whether the message began, as far as can be seen: from then on the call may be billed. */
  get hasStarted(): boolean {
    return this.#builder.hasStarted || (!this.#isRead && this.#lines.other.trimStart().startsWith("{"));
  }

  /** What the call has used by now, as far as it is known. */
  get used(): Usage | undefined {
    return this.#builder.used;
  }

  /**
   * Reads a message to its end, whatever comes after it: servers cut the connection there, or keep it. Takes a stream or a
   * message in one piece by what arrives, because servers label them wrongly.
   *
   * @param onLife - called whenever bytes arrive, also when they are only there to keep the connection.
   * @throws CallError or APIError, in the server's own words, when there is no message.
   */
  async read(response: Response, onLife: () => void): Promise<TurnResponse> {
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
    const requestId = response.headers.get("request-id");
    try {
      if (reader) await this.#readAll(reader, response.headers, onLife);
      if (reader) void drain(reader);
    } catch (error) {
      void reader?.cancel().catch(() => undefined); // It may be cut already.
      if (!this.#builder.isWhole) throw error;
    }
    if (this.#builder.isWhole) return hiddenIn(this.#builder.message(requestId), this.#hide);
    throw this.#builder.hasStarted
      ? new Error("the stream ended before the message did")
      : notAMessage(this.#lines.other, false);
  }

  async #readAll(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    headers: Headers,
    onLife: () => void,
  ): Promise<void> {
    const decoder = new TextDecoder();
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      onLife();
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      size += text.length;
      checkSize(size, MOST_CHARACTERS, "characters");
      const events = [...this.#lines.push(text), ...(done ? this.#lines.end() : [])];
      for (const event of events) {
        this.#take(event, headers);
        if (this.#builder.isComplete) return;
      }
      if (done) break;
    }
    const { other } = this.#lines;
    if (!this.#builder.hasStarted && other.trim() !== "")
      this.#take({ name: "message", data: other }, headers);
  }

  #take({ name, data }: ServerEvent, headers: Headers): void {
    const hadStarted = this.#builder.hasStarted;
    if (data.trim() === "" || data.trim() === "[DONE]") return;
    const value = withType(parseEvent(data, this.hasStarted), name);
    this.#isRead = true;
    if (isError(value)) throw new APIError(undefined, value, undefined, headers);
    if (!("type" in value)) throw notAMessage(data, hadStarted);
    const text = this.#builder.add(value);
    if (this.#builder.hasStarted && !hadStarted) this.#context.onStart?.(() => this.used);
    if (text) this.#context.onText?.(this.#hide(text));
  }
}

/** An event whose type is only its name, as some servers send them. */
function withType(value: unknown, name: string | undefined): object {
  const event: object = Object(value);
  const isNamed = !("type" in event) && !("error" in event) && name !== undefined;
  return isNamed && Object.keys(event).length > 0 ? { ...event, type: name } : event;
}

/** Some servers send an error without the envelope. */
function isError(event: object): boolean {
  if ("type" in event) return event.type === "error";
  return "error" in event && event.error !== null && event.error !== undefined;
}

/** Waits for the end of a body for a moment, in nobody's way, and cuts it off then. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), DRAIN_MS);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The connection is gone, which is all that was to be seen to.
  } finally {
    clearTimeout(timer);
  }
}
