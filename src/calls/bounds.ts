import { outOfBounds } from "./call-error.ts";

/** Characters of a body, with everything around the answer: the longest real answers have about 25 million. */
export const MOST_CHARACTERS = 64 * 1024 * 1024;
/** Bytes of an answer's content, and characters of one event: the longest real answers have about a million. */
export const MOST_CONTENT = 8 * 1024 * 1024;
/** Blocks of an answer. */
export const MOST_BLOCKS = 10_000;
/** Levels of JSON in an event or in the input of a call: what walks through it calls itself for each. */
const MOST_LEVELS = 100;
/** Characters of the words by which a server names things: ids, models, tools. */
export const MOST_IN_NAME = 20_000;

/** @throws CallError when a size is beyond its bound. */
export function checkSize(size: number, most: number, unit: string): void {
  if (size > most) throw outOfBounds(`more than ${most.toLocaleString("en")} ${unit}`);
}

/** Whether a JSON text is nested more deeply than anything that is meant to be read. */
export function isTooDeep(json: string): boolean {
  let level = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = endOfText(json, at);
    else if (character === "{" || character === "[") level++;
    else if (character === "}" || character === "]") level--;
    if (level > MOST_LEVELS) return true;
  }
  return false;
}

function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}
