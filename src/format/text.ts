/** At most `limit` characters. An ellipsis, within the limit, marks a cut. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${head(text, Math.max(0, limit - 1)).trimEnd()}…`;
}

/** At most the first `length` characters, without half of a surrogate pair at the end. */
export function head(text: string, length: number): string {
  return isInsidePair(text, length) ? text.slice(0, length - 1) : text.slice(0, length);
}

/** At most the last `length` characters, without half of a surrogate pair at the start. */
export function tail(text: string, length: number): string {
  const from = Math.max(0, text.length - length);
  return text.slice(isInsidePair(text, from) ? from + 1 : from);
}

function isInsidePair(text: string, at: number): boolean {
  return at > 0 && /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
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
 * characters, hostile output cannot move the cursor, retitle the window or hide text.
 */
export function printable(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll(CONTROLS, "");
}

// Built from code points, to keep control characters out of the source. CSI, OSC, DCS/SOS/PM/APC and
// two-character escapes (ECMA-48), then C0 and C1 without tab and newline, lone surrogates (a terminal draws one
// column for a half that has no width), and the bidirectional overrides.
const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
const ESCAPES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}[ -/]*[0-~]`,
  "g",
);
const CONTROLS = /(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
