import { z } from "zod";
import type { Json } from "../domain/json.ts";
import { clip } from "../format/text.ts";

/**
 * A block of JSON in an agent's text that means something to those around it, as the bodies of many agent files ask
 * for: `{agent, status, progress}` says how far it is, `{requesting_agent, request_type, payload}` asks for context.
 */
export type AgentBlock =
  | { readonly kind: "progress"; readonly status: string; readonly progress: Json }
  | { readonly kind: "context-request"; readonly requestType: string; readonly payload: Json };

/** Longer blocks are part of the answer, whatever their keys. */
const MAX_BLOCK_CHARACTERS = 4096;
const WORD_CHARACTERS = 120;
const KEYS = "agent|status|progress|requesting_agent|request_type|payload";
/** The opening of a block, in text as it is or, with backslashes, within a string of a JSON document. */
const OPENING = new RegExp(`\\{(?:\\s|\\\\[nrt])*(\\\\?)"(?:${KEYS})\\1"`);
/** What may be the beginning of an opening that has not arrived in full. */
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
 * Finds blocks in text that arrives in pieces, which may end anywhere. The text may also be a JSON document in whose
 * strings the blocks stand, as agents' results are. Each block is told as soon as it is complete; everything else is
 * passed over.
 */
export class AgentBlocks {
  readonly #onBlock: (block: AgentBlock) => void;
  /** The end of what was passed over: an opening may have begun in it. */
  #passed = "";
  #object: ObjectReader | undefined;

  constructor(onBlock: (block: AgentBlock) => void) {
    this.#onBlock = onBlock;
  }

  add(piece: string): void {
    let rest = piece;
    while (rest !== "") {
      if (!this.#object) {
        const text = this.#passed + rest;
        const opening = OPENING.exec(text);
        this.#passed = opening ? "" : text.slice(-MAX_OPENING_CHARACTERS);
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

/** Reads one object up to the brace that closes it, from pieces; `text` is the object, unescaped. */
class ObjectReader {
  /** `broken`: it is too long, or the string that it stands in ends before it does. */
  end: "open" | "closed" | "broken" = "open";
  text = "";
  readonly #isEscaped: boolean;
  #escape = "";
  #depth = 0;
  #place: "outside" | "string" | "escape" = "outside";

  constructor(isEscaped: boolean) {
    this.#isEscaped = isEscaped;
  }

  /** @returns what follows the object; nothing while it is open. */
  read(piece: string): string {
    let used = 0;
    while (used < piece.length && this.end === "open") this.#take(piece.charAt(used++));
    return piece.slice(used);
  }

  /** One character as it came; within a string of a document several may stand for one. */
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

/** What a JSON escape stands for; undefined while it is not complete. */
function unescapeJson(sequence: string): string | undefined {
  if (sequence.length < (sequence[1] === "u" ? 6 : 2)) return undefined;
  const value = parseJson(`"${sequence}"`);
  return typeof value === "string" ? value : "";
}

/** What a block says in one line: `designing (endpoints 5, done 40)`. */
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
    return undefined; // It only looked like JSON.
  }
}
