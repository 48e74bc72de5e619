/** A JSON value, as in workflow state, rows and payloads. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A copy as JSON, without what JSON cannot hold. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/**
 * A value with texts that every place can hold: U+0000 and halves of surrogate pairs become U+FFFD, as UTF-8 decoders have
 * it. Postgres and the API refuse both. Returns the value itself when there is nothing to replace.
 */
export function storable<T>(value: T): T;
export function storable(value: unknown): unknown {
  if (typeof value === "string")
    return value.replaceAll(/\p{Surrogate}/gu, "\ufffd").replaceAll("\0", "\ufffd");
  if (typeof value !== "object" || value === null || !UNSTORABLE.test(JSON.stringify(value))) return value;
  return inside(value);
}

/** `JSON.stringify` escapes NUL and lone surrogates, and nothing else as one of these. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return storable(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), inside(inner)]));
}
