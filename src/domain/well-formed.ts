/**
 * Text that UTF-8, JSON and Postgres can hold: a lone surrogate and U+0000 become U+FFFD. What is sent passes through here
 * first, so that a record of it is the same to the byte.
 */
export function wellFormedText(text: string): string {
  return UNFIT.test(text) ? text.replaceAll(EVERY_UNFIT, "\ufffd") : text;
}

/** The same for every text in a JSON value, keys included. Returns the value itself when nothing has to change. */
export function wellFormed<T>(value: T): T {
  return UNFIT_JSON.test(JSON.stringify(value) ?? "") ? (repaired(value) as T) : value;
}

// With the `u` flag a class of surrogates matches lone ones only.
const UNFIT = /[\0\ud800-\udfff]/u;
const EVERY_UNFIT = new RegExp(UNFIT, "gu");
/** JSON.stringify escapes exactly these. Text that looks like an escape is repaired for nothing, which changes nothing. */
const UNFIT_JSON = /\\u(?:0000|d[89a-f])/;

function repaired(value: unknown): unknown {
  if (typeof value === "string") return wellFormedText(value);
  if (Array.isArray(value)) return value.map(repaired);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [wellFormedText(key), repaired(inner)]),
  );
}
