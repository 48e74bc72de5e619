import { isTooDeep } from "./bounds.ts";

/** What marks a number that JavaScript cannot hold, while a message is read. A private character: no model writes it here. */
const MARK = "\ue000number:";
/** Strings, which are skipped, and numbers of a JSON text. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** A text without this has only numbers that JavaScript holds. */
const LONG_NUMBER = /\d{16}|\d\.?\d*[eE]\+?\d{2}/;

/** Parses JSON. A number that would lose digits becomes a mark, which `keptInput` finds. @throws SyntaxError */
export function parseMarked(json: string): unknown {
  if (!LONG_NUMBER.test(json)) return JSON.parse(json);
  return JSON.parse(
    json.replaceAll(TOKENS, (token) => (isExact(token) ? token : JSON.stringify(`${MARK}${token}`))),
  );
}

/** Whether a JSON text has a number that JavaScript would change. */
function losesDigits(json: string): boolean {
  return LONG_NUMBER.test(json) && [...json.matchAll(TOKENS)].some(([token]) => !isExact(token));
}

function isExact(token: string): boolean {
  if (token.startsWith('"')) return true;
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return true;
  const digits = token.replace(/[eE].*$/, "").replaceAll(/\D/g, "");
  return digits.replace(/^0+/, "").replace(/0+$/, "").length <= 15;
}

/**
 * A call's input as it is kept: an object that can be used as it is, else the text that arrived, which `inputProblem`
 * explains. A call without any input has an empty object.
 *
 * @param value - the input as `parseMarked` has it.
 */
export function keptInput(value: unknown): unknown {
  if (value === undefined || value === null) return {};
  if (typeof value === "string") return value;
  const json = JSON.stringify(value);
  if (isObject(value) && !json.includes(MARK)) return value;
  return json.replaceAll(/"\ue000number:([^"]*)"/g, "$1");
}

/** The same for an input that arrived as JSON text. */
export function keptInputOf(json: string): unknown {
  if (isTooDeep(json)) return json;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) && !losesDigits(json) ? value : json;
  } catch {
    return json;
  }
}

/** Why a call cannot run with this input, in words for the model; undefined when it can. */
export function inputProblem(input: unknown): string | undefined {
  if (isObject(input)) return undefined;
  if (typeof input === "string" && isTooDeep(input)) {
    return "The input is nested too deeply: call the tool again with a flatter one.";
  }
  if (typeof input === "string" && isObject(parsedOr(input))) {
    return "The input has a number of too many digits: call the tool again with that number as a string.";
  }
  if (typeof input === "string" && parsedOr(input) === undefined) {
    return "The input is not readable as JSON, or was cut off: call the tool again with a complete JSON object, a shorter one if need be.";
  }
  return "The input is not a JSON object: call the tool again with one.";
}

function parsedOr(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The blocks of an answer as the API takes them back: without blank text, and with an object as the input of each call.
 * All other blocks stay unchanged and in place.
 */
export function echoable(content: readonly unknown[]): unknown[] {
  return content.flatMap((block) => {
    if (!isObject(block)) return [block];
    const { type, text, input } = block;
    if (type === "text" && (typeof text !== "string" || text.trim() === "")) return [];
    const isCall = typeof type === "string" && type.endsWith("tool_use");
    return [isCall && !isObject(input) ? { ...block, input: {} } : block];
  });
}
