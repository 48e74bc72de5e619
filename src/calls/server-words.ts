import { clip } from "../format/text.ts";

const MOST_CHARACTERS = 300;

/** What a server says in a body that is no message, in one line: the text of its error, of its page, or all of it. */
export function serverWords(body: unknown): string {
  const words = typeof body === "string" ? wordsInText(body) : wordsInJson(body);
  return clip(words.replaceAll(/\s+/g, " ").trim().replace(/\.$/, ""), MOST_CHARACTERS);
}

function wordsInText(text: string): string {
  const json = parsedOr(text);
  if (typeof json === "object" && json !== null) return wordsInJson(json);
  if (!/<\w[^>]*>/.test(text)) return text;
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(text)?.[1]?.trim();
  const page = text.replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, " ").replaceAll(/<[^>]*>/g, " ");
  return title ? `a page "${title}"` : page;
}

/** The fields in which servers put their words, those of an inner error first. */
const FIELDS = ["error", "message", "detail", "details", "msg", "title"] as const;

function wordsInJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const fields: Readonly<Record<string, unknown>> = { ...value };
  for (const field of FIELDS) {
    const inner = fields[field];
    if (typeof inner === "string" && inner.trim() !== "") return inner;
    const first: unknown = Array.isArray(inner) ? inner[0] : inner;
    if (typeof first === "object" && first !== null) return wordsInJson(first);
  }
  return JSON.stringify(value);
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
