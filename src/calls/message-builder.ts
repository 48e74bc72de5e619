import { z } from "zod";
import { storable } from "../domain/json.ts";
import type { Usage } from "../domain/usage.ts";
import { checkSize, isTooDeep, MOST_BLOCKS, MOST_CONTENT, MOST_IN_NAME } from "./bounds.ts";
import { CallError, outOfBounds } from "./call-error.ts";
import { serverWords } from "./server-words.ts";
import { isCutOff } from "./stop-reason.ts";
import { keptInput, keptInputOf, parseMarked } from "./tool-input.ts";
import type { TurnResponse } from "./transport.ts";
import { mergedUsage, promptTokensOf, usageFrom, usageSchema, type WireUsage } from "./wire-usage.ts";

const name = z.string().min(1).max(MOST_IN_NAME);
/** Keeps content blocks unchanged, so that a later turn can send them back. A call without id or name cannot be answered. */
const blockSchema = z.union([
  z.looseObject({ type: z.literal(["tool_use", "server_tool_use"]), id: name, name }),
  z.looseObject({ type: z.string().regex(/^(?!(server_)?tool_use$)/) }),
]);
type Block = z.infer<typeof blockSchema>;

const word = z.string().max(MOST_IN_NAME).nullish().catch(undefined);
const messageSchema = z.looseObject({
  id: word,
  model: word,
  content: z.array(blockSchema).nullish(),
  stop_reason: word,
  usage: usageSchema,
});

const index = z.number().int().nonnegative().max(MOST_BLOCKS);
const eventSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("message_start"), message: messageSchema }),
  z.looseObject({ type: z.literal("content_block_start"), index, content_block: blockSchema }),
  z.looseObject({
    type: z.literal("content_block_delta"),
    index,
    delta: z.looseObject({
      type: z.string(),
      text: z.string().optional(),
      thinking: z.string().optional(),
      signature: z.string().optional(),
      partial_json: z.string().optional(),
      citation: z.unknown().optional(),
    }),
  }),
  z.looseObject({ type: z.literal("content_block_stop"), index }),
  z.looseObject({
    type: z.literal("message_delta"),
    delta: z.looseObject({ stop_reason: word }).nullish(),
    usage: usageSchema,
  }),
  z.looseObject({ type: z.literal("message_stop") }),
  // A whole message, from servers that do not stream.
  messageSchema.extend({ type: z.literal("message"), content: z.array(blockSchema) }),
]);
type StreamEvent = z.infer<typeof eventSchema>;
type Delta = Extract<StreamEvent, { type: "content_block_delta" }>["delta"];
const KNOWN = new Set<string>(eventSchema.options.map((option) => option.shape.type.value));

/**
 * Assembles a message from its stream events, or takes a whole one. Nothing that arrives later and is null, zero or missing
 * replaces what is known. Ignores events of unknown types, because the API adds new ones.
 */
export class MessageBuilder {
  #id = "";
  #model = "";
  #stopReason: string | undefined;
  #usage: WireUsage;
  readonly #blocks: Block[] = [];
  readonly #open = new Set<number>();
  readonly #json = new Map<number, string>();
  #bytes = 0;
  /** Whether the message began: from then on the call may be billed. */
  hasStarted = false;
  /** Whether `message_stop` arrived: nothing that follows belongs to the message. */
  isComplete = false;

  /** Whether the message has all of its content and the reason of its end, so that only its end mark may be missing. */
  get isWhole(): boolean {
    return this.isComplete || (this.#stopReason !== undefined && this.#open.size === 0);
  }

  /**
   * Adds one event, as JSON text or as a value of `parseMarked`.
   *
   * @returns its answer text, if any.
   * @throws CallError when it is an event of a known type that cannot be read.
   */
  add(value: unknown): string | undefined {
    if (!KNOWN.has(String(Object(value).type))) return undefined;
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) throw this.#unreadable(value);
    const event = parsed.data;
    if (event.type !== "message_stop") this.hasStarted = true;
    switch (event.type) {
      case "message_start":
      case "message":
        return this.#start(event.type === "message" ? event : event.message, event.type === "message");
      case "content_block_start":
        this.#blocks[event.index] = { ...event.content_block };
        this.#open.add(event.index);
        this.#grow(JSON.stringify(event.content_block));
        return textOf(event.content_block);
      case "content_block_delta":
        return this.#addDelta(event.index, event.delta, value);
      case "content_block_stop":
        this.#open.delete(event.index);
        return undefined;
      case "message_delta":
        this.#stopReason = event.delta?.stop_reason ?? this.#stopReason;
        this.#usage = mergedUsage(this.#usage, event.usage);
        return undefined;
      case "message_stop":
        this.isComplete = true;
        return undefined;
    }
  }

  /** The message so far. */
  message(requestId: string | null): TurnResponse {
    const content = storable(this.#content());
    return {
      id: this.#id,
      model: this.#model,
      content,
      text: content.map((block) => textOf(block) ?? "").join(""),
      stopReason: this.#stopReason ?? "end_turn",
      usage: this.#wholeUsage(content),
      requestId,
    };
  }

  /**
   * What the call has used by now, its output as the most that it can be. Undefined when nothing is known: the server did not
   * count the prompt, or does work of its own, which only the end of the message counts.
   */
  get used(): Usage | undefined {
    const known = this.#usage && usageFrom(this.#usage);
    if (!known || promptTokensOf(known) === 0) return undefined;
    const types = this.#blocks.map(({ type }) => type);
    if (types.some((type) => !COUNTABLE.test(type))) return undefined;
    // More was thought than is shown.
    const isThinking = types.some((type) => type.endsWith("thinking"));
    const output = isThinking ? Number.POSITIVE_INFINITY : Math.ceil(this.#bytes / LEAST_BYTES_PER_TOKEN);
    return { ...known, output: Math.max(known.output, output) };
  }

  #start({ id, model, content, stop_reason, usage }: z.infer<typeof messageSchema>, isAll: boolean) {
    this.#id = id ?? this.#id;
    this.#model = model ?? this.#model;
    this.#stopReason = stop_reason ?? this.#stopReason;
    this.#usage = mergedUsage(this.#usage, usage);
    this.isComplete ||= isAll;
    if (!isAll) return undefined;
    checkSize(content?.length ?? 0, MOST_BLOCKS, "blocks");
    this.#blocks.push(...(content ?? []));
    return this.#blocks.map((block) => textOf(block) ?? "").join("");
  }

  #addDelta(at: number, delta: Delta, value: unknown): string | undefined {
    const block = this.#blocks[at];
    if (!block) throw this.#unreadable(value);
    const { text = "", thinking = "", partial_json = "" } = delta;
    this.#grow(`${text}${thinking}${partial_json}`);
    if (delta.partial_json !== undefined) {
      this.#json.set(at, (this.#json.get(at) ?? "") + delta.partial_json);
    }
    if (delta.citation !== undefined) {
      const citations = Array.isArray(block["citations"]) ? block["citations"] : [];
      block["citations"] = [...citations, delta.citation];
    }
    for (const key of ["text", "thinking", "signature"] as const) {
      const piece = delta[key];
      if (piece !== undefined) block[key] = `${typeof block[key] === "string" ? block[key] : ""}${piece}`;
    }
    return delta.text;
  }

  #grow(content: string): void {
    this.#bytes += Buffer.byteLength(content);
    checkSize(this.#bytes, MOST_CONTENT, "bytes");
  }

  /** The blocks with the inputs of calls as they are kept. The last call of a message that was cut off is not complete. */
  #content(): Block[] {
    const blocks = this.#blocks.flatMap((block, at): Block[] => {
      if (!block.type.endsWith("tool_use")) return [block];
      const json = this.#json.get(at) ?? "";
      return [{ ...block, input: json.trim() === "" ? keptInput(block["input"]) : keptInputOf(json) }];
    });
    const last = blocks.at(-1);
    const isCut = isCutOff(this.#stopReason ?? "") && last?.type === "tool_use";
    const isEmpty = isCut && Object.keys(Object(last["input"])).length === 0;
    return isEmpty ? [...blocks.slice(0, -1), { ...last, input: "" }] : blocks;
  }

  /** Null when the server did not count: no prompt and no content is empty. */
  #wholeUsage(content: readonly Block[]): TurnResponse["usage"] {
    if (!this.#usage) return null;
    const usage = usageFrom(this.#usage);
    const isCounted = promptTokensOf(usage) > 0 && (usage.output > 0 || content.length === 0);
    return isCounted ? { ...usage, ...(content.some(isCodeRun) && { codeRuns: 1 }) } : null;
  }

  #unreadable(event: unknown): CallError {
    if (Object(event).index > MOST_BLOCKS)
      return outOfBounds(`more than ${MOST_BLOCKS.toLocaleString("en")} blocks`);
    return notAMessage(JSON.stringify(event), this.hasStarted);
  }
}

/** Blocks whose tokens can be estimated from the bytes that arrive. */
const COUNTABLE = /^(text|tool_use|thinking|redacted_thinking)$/;
/** Fewer bytes than the tokens of any text have on average: a margin. */
const LEAST_BYTES_PER_TOKEN = 2;

/** One event or body as a value for the builder. @throws CallError when it is no JSON. */
export function parseEvent(json: string, hasStarted: boolean): unknown {
  if (isTooDeep(json)) throw outOfBounds("JSON that is nested too deeply");
  try {
    return parseMarked(json);
  } catch {
    throw notAMessage(json, hasStarted);
  }
}

/** The error of a server that answers with something else than a message. */
export function notAMessage(body: string, mayBeBilled: boolean): CallError {
  const words = serverWords(body);
  return new CallError(`Claude's server sent something that is no message${words && `: ${words}`}.`, {
    kind: "later",
    mayBeBilled,
  });
}

function textOf(block: Block): string | undefined {
  return block.type === "text" && typeof block["text"] === "string" ? block["text"] : undefined;
}

/** The API does not count its code executions elsewhere. */
function isCodeRun({ type, name: tool }: Block): boolean {
  return type === "server_tool_use" && typeof tool === "string" && tool.endsWith("code_execution");
}
