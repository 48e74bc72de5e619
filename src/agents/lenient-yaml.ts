import { type Document, isMap, isScalar, LineCounter, type Pair, parseDocument, visit } from "yaml";
import { messageOf } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import { clip } from "../format/text.ts";

/** One frontmatter value in two forms: the YAML value, and the text that a person wrote. */
export interface YamlEntry {
  readonly value: Json;
  /** For a scalar its characters (`5.10` stays `5.10`), for anything else its source; undefined for null. */
  readonly text: string | undefined;
}

export interface YamlMapping {
  readonly entries: ReadonlyMap<string, YamlEntry>;
  /** Why strict YAML refused it; undefined for valid YAML. */
  readonly strictError: string | undefined;
  /** What the values leave out, as sentences. */
  readonly problems: readonly string[];
}

type Entries = Map<string, YamlEntry>;

/**
 * Reads a YAML mapping as people write it, first as strict YAML. When that fails, it cuts the text at lines that start
 * with one of `knownKeys`, and reads each piece alone: strictly, then with its tabs as spaces, then as raw text. So
 * `description: Examples: …`, which YAML refuses, keeps all its characters, and the keys around it keep their types.
 * The first of repeated keys wins. (The parser's own recovery would nest such a description and lose its text.)
 *
 * Returns undefined when there is no mapping at all. Never throws.
 */
export function readMapping(
  yaml: string,
  knownKeys: readonly string[],
  firstLine = 1,
): YamlMapping | undefined {
  const strict = readStrictly(yaml, firstLine);
  if (strict.kind === "mapping") {
    return { entries: strict.entries, strictError: undefined, problems: strict.problems };
  }
  const { entries, problems } = readPieces(yaml, knownKeys);
  if (![...entries.keys()].some((key) => knownKeys.includes(key))) return undefined;
  return { entries, strictError: strict.reason, problems };
}

interface ReadMapping {
  readonly kind: "mapping";
  readonly entries: Entries;
  readonly problems: readonly string[];
}

function readStrictly(yaml: string, firstLine = 1): ReadMapping | { kind: "refused"; reason: string } {
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(yaml, { logLevel: "silent", prettyErrors: false, lineCounter });
    const error = document.errors[0];
    if (error) {
      const line = lineCounter.linePos(error.pos[0]).line + firstLine - 1;
      return { kind: "refused", reason: `${error.message.replace(/\.$/, "")} (line ${line})` };
    }
    if (!isMap(document.contents))
      return { kind: "refused", reason: "it is not a list of `key: value` lines" };
    const values: Record<string, unknown> = document.toJS({ maxAliasCount: 50 });
    const pairs = new Map(document.contents.items.map((pair) => [keyOf(pair), pair]));
    const entries = Object.entries(values).map(([key, value]): [string, YamlEntry] => [
      key,
      { value: toJson(value), text: textOf(pairs.get(key), value, yaml) },
    ]);
    return { kind: "mapping", entries: new Map(entries), problems: leftOut(document) };
  } catch (error) {
    // The parser throws for alias bombs and absurd nesting.
    return { kind: "refused", reason: messageOf(error) };
  }
}

/** Unknown tags, and comments after values: a person who writes `Closes issue #1` does not mean a comment. */
function leftOut(document: Document): string[] {
  const problems = document.warnings.map(({ message }) => message.replace(/\.$/, ""));
  visit(document, {
    Scalar: (_, { comment }) => {
      if (!comment) return;
      problems.push(`the text after " #" is a YAML comment and is left out: ${clip(comment.trim(), 200)}`);
    },
  });
  return problems;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function textOf(pair: Pair | undefined, value: unknown, yaml: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  const node = pair?.value;
  if (isScalar(node) && node.source !== undefined) return node.source;
  const range =
    isMap(node) || (typeof node === "object" && node !== null && "range" in node) ? node.range : null;
  return Array.isArray(range) ? yaml.slice(Number(range[0]), Number(range[1])).trim() : JSON.stringify(value);
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  // JSON has no infinities and no negative zero.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJson(entry)]));
}

function readPieces(yaml: string, knownKeys: readonly string[]): { entries: Entries; problems: string[] } {
  const entries: Entries = new Map();
  const problems: string[] = [];
  for (const piece of cutAtKeys(yaml, knownKeys)) {
    const read = readPiece(piece);
    if (!read) problems.push(`frontmatter text before the first known key is left out: ${piece.text.trim()}`);
    problems.push(...(read?.problems ?? []));
    for (const [key, entry] of read?.entries ?? []) {
      if (entries.has(key)) problems.push(repeated(key, entry));
      else entries.set(key, entry);
    }
  }
  return { entries, problems };
}

function repeated(key: string, { text }: YamlEntry): string {
  const again = text === undefined ? "" : `, not ${clip(text, 200)}`;
  return `"${key}" is there more than once; the first one counts${again}`;
}

interface Piece {
  /** The known key it starts with; undefined for text before the first one. */
  readonly key: string | undefined;
  readonly text: string;
}

function cutAtKeys(yaml: string, knownKeys: readonly string[]): Piece[] {
  const start = new RegExp(`^(?:(${knownKeys.join("|")})|"(${knownKeys.join("|")})")[ \\t]*:(?=\\s|$)`);
  const pieces: { key: string | undefined; lines: string[] }[] = [{ key: undefined, lines: [] }];
  for (const line of yaml.split("\n")) {
    const match = start.exec(line);
    if (match) pieces.push({ key: match[1] ?? match[2], lines: [line] });
    else pieces.at(-1)?.lines.push(line);
  }
  return pieces
    .map(({ key, lines }) => ({ key, text: lines.join("\n") }))
    .filter((piece) => piece.key !== undefined || piece.text.trim() !== "");
}

function readPiece({ key, text }: Piece): Omit<ReadMapping, "kind"> | undefined {
  for (const attempt of [text, text.replaceAll("\t", "  ")]) {
    const strict = readStrictly(attempt);
    if (strict.kind === "mapping" && (key === undefined || strict.entries.has(key))) return strict;
  }
  if (key === undefined) return undefined;
  const raw = rawText(text.slice(text.indexOf(":") + 1));
  const entry = { value: raw === "" ? null : raw, text: raw === "" ? undefined : raw };
  return { entries: new Map([[key, entry]]), problems: [] };
}

/** The text after the colon, without the indentation, block marks and quotes that YAML would remove. */
function rawText(text: string): string {
  const lines = text.replace(/^[ \t]*[|>][+-]?[ \t]*\n/, "\n").split("\n");
  const joined = lines
    .map((line) => line.replace(/^(?:\t| {1,2})/, ""))
    .join("\n")
    .trim();
  const quoted = /^(["'])([\s\S]*)\1$/.exec(joined);
  if (!quoted) return joined;
  const inner = quoted[2] ?? "";
  return quoted[1] === "'"
    ? inner.replaceAll("''", "'")
    : inner.replaceAll('\\"', '"').replaceAll("\\n", "\n");
}
