/** The first characters of a text, at most `limit` UTF-16 units. A character that does not fit whole is left out. */
export function headOf(text: string, limit: number): string {
  return text.slice(0, isInside(text, limit) ? limit - 1 : Math.max(0, limit));
}

/** The last characters of a text, at most `limit` UTF-16 units. A character that does not fit whole is left out. */
export function tailOf(text: string, limit: number): string {
  const start = Math.max(0, text.length - Math.max(0, limit));
  return text.slice(isInside(text, start) ? start + 1 : start);
}

/** Whether a cut at this index would leave two halves of one character. */
function isInside(text: string, index: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, index - 1), index + 1)) && index > 0;
}

/** At most `limit` characters. An ellipsis, within the limit, marks a cut. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${headOf(text, limit - 1).trimEnd()}…`;
}

/**
 * Divides `total` characters among texts: short ones keep everything, long ones share the rest evenly. Returns
 * each text's allowance, in order. Their sum never exceeds `total`.
 */
export function fairShares(lengths: readonly number[], total: number): number[] {
  const shares = lengths.map(() => 0);
  let left = total;
  let open = lengths.length;
  for (const { length, index } of lengths
    .map((length, index) => ({ length, index }))
    .sort((a, b) => a.length - b.length)) {
    const share = Math.min(length, Math.floor(left / open));
    shares[index] = share;
    left -= share;
    open -= 1;
  }
  return shares;
}

/**
 * Makes text from an agent or a server safe to print on a terminal. Without escape sequences and control
 * characters, hostile output cannot move the cursor or retitle the window. It hides no text either: only a complete
 * sequence is removed. For text that a person decides about see `textForDecision`, which removes nothing.
 */
export function printable(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll(CONTROLS, "");
}

// Built from code points, to keep control characters out of the source. CSI, and OSC, DCS, SOS, PM and APC with their end,
// two-character escapes (ECMA-48), then C0 and C1 without tab and newline, lone surrogates (a terminal draws one column for
// a half that has no width), and the bidirectional overrides. A string of a sequence is one line of at most 2,000 characters.
const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
const ESCAPES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${BEL}${ESC}\\n]{0,2000}(?:${BEL}|${ESC}\\\\)|${ESC}[ -/]*[0-~]`,
  "g",
);
const CONTROLS = /(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
