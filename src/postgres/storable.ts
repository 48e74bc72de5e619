/**
 * A value as a JSONB parameter. Postgres cannot store NUL and lone surrogates, which models and people do write: each becomes
 * U+FFFD, as in UTF-8 decoders.
 */
export function toJsonb(value: unknown): string {
  // JSON.stringify escapes both; an escape is one only after an even number of backslashes.
  return JSON.stringify(value).replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, "$1\ufffd");
}

/** A text as a TEXT parameter, without NUL. The driver replaces lone surrogates. */
export function toText(text: string): string;
export function toText(text: string | null): string | null;
export function toText(text: string | null): string | null {
  return text === null ? null : text.replaceAll("\0", "\ufffd");
}
