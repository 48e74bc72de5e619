import { messageOf } from "./errors.ts";
import { storable } from "./json.ts";

/** Replaces every secret in a text. */
export type Hide = (text: string) => string;

/** What stands for a secret. */
const HIDDEN = "***";
/** A shorter value is no secret: hiding it would change ordinary words. */
const LEAST_LENGTH = 4;
/** A shorter secret is hidden only as a whole word: it may be a part of ordinary words. */
const WORD_LENGTH = 8;
/** Of a secret of this length its pieces are hidden too: a server may quote it cut. */
const LONG_LENGTH = 16;
const PIECE = 8;

/**
 * Makes the function that hides secrets, also where they are escaped for JSON or a URL, in hexadecimal, or in base64, alone or
 * inside a longer text. Of a long secret it hides every piece of 8 characters or more. Takes time in proportion to the text.
 */
export function hiding(secrets: readonly (string | undefined)[]): Hide {
  const values = [...new Set(secrets.flatMap((secret) => secret?.split(/[\r\n]+/) ?? []))].filter(
    (value) => value.trim().length >= LEAST_LENGTH,
  );
  const words = values.filter((value) => value.length < WORD_LENGTH).map(escaped);
  const whole = values.flatMap(formsOf).filter((form) => form.length >= WORD_LENGTH);
  const texts = [...new Set(whole)].sort((one, other) => other.length - one.length);
  const pieces = piecesOf(values.filter(isKey).flatMap(formsOf));
  const starts = new Set([...pieces].map((piece) => pairAt(piece, 0)));
  if (values.length === 0) return (text) => text;
  const word =
    words.length > 0
      ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})(?![\\p{L}\\p{N}])`, "gu")
      : undefined;
  return (text) => {
    const shown = texts.reduce(
      (rest, form) => rest.replaceAll(form, HIDDEN),
      withoutPieces(text, pieces, starts),
    );
    return word ? shown.replaceAll(word, HIDDEN) : shown;
  };
}

/** Whether a value is long enough and dense enough that none of its pieces is an ordinary word. */
function isKey(value: string): boolean {
  return value.length >= LONG_LENGTH && !/\s/.test(value);
}

/** Every secret of the settings. */
export function secretsOf(config: {
  readonly apiKey: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly secrets: readonly string[];
}): string[] {
  const { apiKey, databaseUrl, secrets } = config;
  return [...(apiKey === undefined ? [] : [apiKey]), ...passwordsIn(databaseUrl), ...secrets];
}

/** Secrets among the variables that are no settings of ours: libraries read them, and agents' servers. */
export function secretsAmong(
  environment: Readonly<Record<string, string | undefined>>,
  mcpVariables: Readonly<Record<string, string | undefined>>,
): string[] {
  const { PGPASSWORD, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_CUSTOM_HEADERS = "" } = environment;
  const headers = ANTHROPIC_CUSTOM_HEADERS.split(/[\r\n]+/).map((line) => line.replace(/^[^:]*:\s*/, ""));
  const proxies = Object.entries(environment).filter(([name]) => /^(https?|all)_proxy$/i.test(name));
  return [
    ...[PGPASSWORD, ANTHROPIC_AUTH_TOKEN, ...headers].filter((value) => value !== undefined && value !== ""),
    ...proxies.flatMap(([, address]) => passwordsIn(address)),
    ...keysAmong(Object.values(mcpVariables)),
  ].map(String);
}

/** Only keys: values that no text has by chance, so that hiding them changes no text of an agent. */
export function keysAmong(secrets: readonly (string | undefined)[]): string[] {
  return secrets.filter((secret) => secret !== undefined && isKey(secret)).map(String);
}

/** Every string of a JSON value with its secrets hidden, names too. @param value - not nested more deeply than the stack is. */
export function hiddenIn<T>(value: T, hide: Hide): T;
export function hiddenIn(value: unknown, hide: Hide): unknown {
  if (typeof value === "string") return hide(value);
  if (Array.isArray(value)) return value.map((inner: unknown) => hiddenIn(inner, hide));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hide(key), hiddenIn(inner, hide)]));
}

/** An error to pass on as a cause: its name, code, words and stack without secrets, and nothing else that it carries. */
export function hiddenError(error: unknown, hide: Hide): Error {
  const hidden = new Error(hide(messageOf(error)));
  if (!(error instanceof Error)) return hidden;
  hidden.name = error.name;
  hidden.stack = hide(error.stack ?? "");
  if ("code" in error && typeof error.code === "string") Object.assign(hidden, { code: hide(error.code) });
  return hidden;
}

/** The user's passwords in an address: before its host, and in its query. */
export function passwordsIn(address: string | undefined): string[] {
  if (!address || !URL.canParse(address)) return [];
  const { password, searchParams, search } = new URL(address);
  const inQuery = [...searchParams].filter(([name]) => /pass|secret|token|key$/i.test(name));
  const raw = inQuery.flatMap(
    ([name]) => search.match(new RegExp(`(?<=[?&]${escaped(name)}=)[^&]*`, "g")) ?? [],
  );
  const found = [password, decoded(password), ...inQuery.map(([, value]) => value), ...raw];
  return [...new Set(found)].filter((one) => one !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function formsOf(value: string): string[] {
  const url = encodeURIComponent(storable(value));
  const bytes = new TextEncoder().encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const base64 = [0, 1, 2].map((offset) => base64Inside(bytes, offset));
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    url,
    url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll("%20", "+"),
    encodeURI(storable(value)),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The characters of base64 that depend on these bytes alone, when so many bytes stand before them. */
function base64Inside(bytes: Uint8Array, offset: number): string {
  const text = btoa("\0".repeat(offset) + String.fromCharCode(...bytes));
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), end);
}

function piecesOf(texts: readonly string[]): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const text of texts) {
    for (let at = 0; at + PIECE <= text.length; at++) pieces.add(text.slice(at, at + PIECE));
  }
  return pieces;
}

function withoutPieces(text: string, pieces: ReadonlySet<string>, starts: ReadonlySet<number>): string {
  if (pieces.size === 0) return text;
  let shown = "";
  let done = 0;
  let end = -1;
  for (let at = 0; at + PIECE <= text.length; at++) {
    if (!starts.has(pairAt(text, at)) || !pieces.has(text.slice(at, at + PIECE))) continue;
    if (at > end) shown += text.slice(done, at) + HIDDEN;
    end = at + PIECE;
    done = end;
  }
  return shown + text.slice(done);
}

/** The first two characters as a number: most places of a text are no start of a piece. */
function pairAt(text: string, at: number): number {
  return text.charCodeAt(at) * 65_536 + text.charCodeAt(at + 1);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("-", "\\x2d");
}
