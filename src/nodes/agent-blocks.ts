import { z } from "zod";
import type { Json } from "../domain/json.ts";
import { clip } from "../format/text.ts";

/**
 * A JSON block with a meaning in an agent's text, as many agent files request: `{agent, status, progress}` reports progress,
 * `{requesting_agent, request_type, payload}` requests context.
 */
export type AgentBlock =
  | { readonly kind: "progress"; readonly status: string; readonly progress: Json }
  | { readonly kind: "context-request"; readonly requestType: string; readonly payload: Json };

/** A longer block is part of the answer. */
const MAX_BLOCK_CHARACTERS = 4096;
const WORD_CHARACTERS = 120;
const KEYS = "agent|status|progress|requesting_agent|request_type|payload";
/** The start of a block, in plain text or, with backslashes, in a string of a JSON document. */
const OPENING = new RegExp(`\\{(?:\\s|\\\\[nrt])*(\\\\?)"(?:${KEYS})\\1"`);
/** The longest start of a block. The end of the text so far may be part of one. */
const MAX_OPENING_CHARACTERS = 100;

const json = z.json();
const progressSchema = z.looseObject({
  agent: z.string(),
  status: z.string().min(1),
  progress: json.optional(),
});
const requestSchema = z.looseObject({
  requesting_agent: z.string(),
  request_type: z.string().min(1),
  payload: json.optional(),
});

/**
 * Finds blocks in streamed text, whose pieces may end anywhere. The text may be a JSON document, such as an agent's result,
 * with blocks in its strings. Reports each block when it is complete, and skips everything else.
 */
export class AgentBlocks {
  readonly #onBlock: (block: AgentBlock) => void;
  /** The end of the skipped text: a block may start in it. */
  #skipped = "";
  #object: ObjectReader | undefined;

  constructor(onBlock: (block: AgentBlock) => void) {
    this.#onBlock = onBlock;
  }

  add(piece: string): void {
    let rest = piece;
    while (rest !== "") {
      if (!this.#object) {
        const text = this.#skipped + rest;
        const opening = OPENING.exec(text);
        this.#skipped = opening ? "" : text.slice(-MAX_OPENING_CHARACTERS);
        if (!opening) return;
        this.#object = new ObjectReader(opening[1] !== "");
        rest = text.slice(opening.index);
      }
      rest = this.#object.read(rest);
      const { end, text } = this.#object;
      if (end !== "open") this.#object = undefined;
      const block = end === "closed" ? blockOf(text) : undefined;
      if (block) this.#onBlock(block);
    }
  }
}

/** Reads one object from pieces, up to its closing brace; `text` is the unescaped object. */
class ObjectReader {
  /** `broken`: the object is too long, or the string around it ends first. */
  end: "open" | "closed" | "broken" = "open";
  text = "";
  readonly #isEscaped: boolean;
  #escape = "";
  #depth = 0;
  #place: "outside" | "string" | "escape" = "outside";

  constructor(isEscaped: boolean) {
    this.#isEscaped = isEscaped;
  }

  /** @returns the text after the object; empty while the object is open. */
  read(piece: string): string {
    let used = 0;
    while (used < piece.length && this.end === "open") this.#take(piece.charAt(used++));
    return piece.slice(used);
  }

  /** Takes one character, which may be a part of an escape sequence. */
  #take(character: string): void {
    if (!this.#isEscaped) this.#add(character);
    else if (this.#escape !== "" || character === "\\") {
      this.#escape += character;
      const meant = unescapeJson(this.#escape);
      if (meant === undefined) return;
      this.#escape = "";
      this.#add(meant);
    } else if (character === '"') this.end = "broken";
    else this.#add(character);
  }

  #add(character: string): void {
    this.text += character;
    if (this.text.length > MAX_BLOCK_CHARACTERS) this.end = "broken";
    else if (this.#place === "escape") this.#place = "string";
    else if (this.#place === "string") this.#place = afterInString(character);
    else if (character === '"') this.#place = "string";
    else if (character === "{") this.#depth += 1;
    else if (character === "}") this.#depth -= 1;
    if (this.#depth === 0 && this.end === "open") this.end = "closed";
  }
}

function afterInString(character: string): "outside" | "string" | "escape" {
  if (character === "\\") return "escape";
  return character === '"' ? "outside" : "string";
}

/** The character of a JSON escape sequence; undefined while it is incomplete. */
function unescapeJson(sequence: string): string | undefined {
  if (sequence.length < (sequence[1] === "u" ? 6 : 2)) return undefined;
  const value = parseJson(`"${sequence}"`);
  return typeof value === "string" ? value : "";
}

/** Progress in one line: `designing (endpoints 5, done 40)`. */
export function sayProgress(status: string, progress: Json): string {
  const details =
    typeof progress !== "object" || progress === null
      ? [progress === null ? "" : String(progress)]
      : Object.entries(progress).map(([key, value]) => `${key} ${saidValue(value)}`);
  const said = details.filter((detail) => detail !== "").join(", ");
  return clip(said === "" ? status : `${status} (${said.replaceAll("_", " ")})`, WORD_CHARACTERS);
}

function saidValue(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function blockOf(text: string): AgentBlock | undefined {
  const value = parseJson(text);
  const progress = progressSchema.safeParse(value);
  if (progress.success) {
    const { status, progress: how = null } = progress.data;
    return { kind: "progress", status: clip(status, WORD_CHARACTERS), progress: how };
  }
  const request = requestSchema.safeParse(value);
  if (!request.success) return undefined;
  const { request_type, payload = null } = request.data;
  return { kind: "context-request", requestType: clip(request_type, WORD_CHARACTERS), payload };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // It is no JSON.
  }
}
