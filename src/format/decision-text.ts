import { renderCount, renderPlural } from "./amounts.ts";

/** Text for a decision, as terminal and page show it. */
export interface DecisionText {
  readonly text: string;
  /** How many characters of the original a person could not have seen. */
  readonly hidden: number;
}

/**
 * The one form in which a person decides about a text: nothing of it is hidden, and nothing is left out. Characters without
 * a picture of their own are shown by their number, as `\u{202e}`, or `\u{20*500}` for 500 of them: control, bidirectional
 * and zero-width characters, unusual spaces, blanks at the end of a line, long runs of blanks and of empty lines. Tabs stay
 * at the start of a line, line breaks stay. Two different texts never look the same: `\u{…}` itself is shown as `\u{5c}u{…}`.
 */
export function textForDecision(text: string): DecisionText {
  let hidden = 0;
  const numbered = (run: string): string => {
    const [char = ""] = run;
    const count = run.length / char.length;
    hidden += count;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return count === 1 ? `\\u{${code}}` : `\\u{${code}*${count}}`;
  };
  const numberedRuns = (run: string) => run.replaceAll(/(.)\1*/gsu, numbered);
  const blanks = (run: string, at: number): string => {
    const next = text[at + run.length];
    if (run.length > BLANKS || next === undefined || next === "\n") return numberedRuns(run);
    const isIndent = at === 0 || text[at - 1] === "\n";
    return isIndent ? run : run.replaceAll(/\t+/g, numbered);
  };
  const shown = text.replaceAll(UNSURE, (found, at: number) => {
    if (found === "\\") return "\\u{5c}";
    if (found.startsWith("\n")) return `${numberedRuns(found.slice(1))}\n`;
    if (/^[ \t]/.test(found)) return blanks(found, at);
    return EMOJI.test(found) && !UNASSIGNED.test(found) ? found : numberedRuns(found);
  });
  return { text: shown, hidden };
}

/** The same on one line, for names and titles: line breaks and tabs are shown by their number too. */
export function lineForDecision(text: string): string {
  return textForDecision(text).text.replaceAll("\n", "\\u{a}").replaceAll("\t", "\\u{9}");
}

/** The same for a unified diff. The mark before a line is not part of the line. */
export function diffForDecision(diff: string): string {
  const shown = diff.split("\n").map((line) => {
    const mark = /^[-+ ]/.exec(line)?.[0] ?? "";
    return mark + textForDecision(line.slice(mark.length)).text;
  });
  return shown.join("\n");
}

/** The lines of a unified diff without their marks. */
export function linesOfDiff(diff: string): string[] {
  return diff.split("\n").map((line) => line.replace(/^[-+ ]/, ""));
}

/** A JSON document for people to read and edit. What they cannot see is escaped, so that it parses to the same value. */
export function jsonForDecision(value: unknown): string {
  const json = JSON.stringify(value, null, 2) ?? "null";
  return json.replaceAll(HIDDEN, (char) =>
    Array.from({ length: char.length }, (_, unit) => unitOf(char, unit)).join(""),
  );
}

function unitOf(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`;
}

/** `3 hidden characters are shown as \u{…}.` Empty for none. */
export function renderHidden(count: number): string {
  if (count === 0) return "";
  return `${renderPlural(count, "hidden character")} ${count === 1 ? "is" : "are"} shown as \\u{…}.`;
}

/** `12,000 characters`. */
export function renderLength(characters: number): string {
  return `${renderCount(characters)} character${characters === 1 ? "" : "s"}`;
}

/** The size of what a person decides about. A long text is first shown in part, and approved only after it was shown whole. */
export interface DecisionSize {
  readonly characters: number;
  readonly hidden: number;
  readonly isLong: boolean;
}

/** The lines of 80 characters that are shown without a question. */
export const SHOWN_LINES = 100;
const COLUMNS = 80;

/** The size of texts that are shown together. */
export function sizeForDecision(texts: readonly string[]): DecisionSize {
  let characters = 0;
  let hidden = 0;
  let lines = 0;
  for (const one of texts) {
    const shown = textForDecision(one);
    characters += one.length;
    hidden += shown.hidden;
    for (const line of shown.text.split("\n")) lines += Math.max(1, Math.ceil(line.length / COLUMNS));
  }
  return { characters, hidden, isLong: lines > SHOWN_LINES };
}

/** The most blanks, and the most line breaks, in a row. More of them could push the rest out of sight. */
const BLANKS = 40;
const LINE_BREAKS = 5;

/**
 * A character that nobody sees, or that looks like a space. Categories: control, format, surrogate, private, unassigned,
 * separators. Ignorable ones include variation selectors, tags and Hangul fillers. U+2800 is an empty Braille cell, U+FFFC
 * stands for an object, U+1D159 is an empty note. A fifth mark on one letter covers its neighbours.
 */
const HIDDEN_CHARACTER =
  "(?:(?![\\t\\n ])[\\p{C}\\p{Z}\\p{Default_Ignorable_Code_Point}\\u2800\\ufffc\\u{1d159}]|(?<=\\p{M}{4})\\p{M})";
const HIDDEN = new RegExp(HIDDEN_CHARACTER, "gu");
/** Emoji need a selector or joiners between their parts. */
const PICTURE = "\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\ufe0f?";
const PICTURES = `${PICTURE}(?:\\u200d${PICTURE})*`;
/** Some are set aside for pictures that do not exist yet. */
const UNASSIGNED = /\p{Cn}/u;
const EMOJI = new RegExp(`^${PICTURES}$`, "u");
/** Whatever may have to be shown by its number. Single blanks and line breaks are left out: there are many. */
const UNSURE = new RegExp(
  `${PICTURES}|\\\\(?=u\\{[0-9a-f]+(?:\\*\\d+)?\\})|\\n{${LINE_BREAKS + 1},}|[ \\t]{2,}|\\t| (?=\\n|$)|(?:${HIDDEN_CHARACTER})+`,
  "gu",
);
