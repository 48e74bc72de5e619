/**
 * The JSON value in an answer. Servers without structured output wrap it in prose or a code fence, so it tries the whole
 * text first, then fenced blocks, then the widest pair of braces. A schema must check the value.
 *
 * @returns undefined when there is none.
 */
export function readJsonAnswer(text: string): unknown {
  for (const candidate of candidatesIn(text)) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // Tries the next candidate.
    }
  }
  return undefined;
}

function* candidatesIn(text: string): Generator<string> {
  yield text;
  for (const [, fenced] of text.matchAll(/```(?:json)?\s*\n([\s\S]*?)```/g)) yield fenced ?? "";
  const first = text.indexOf("{");
  const last = text.lastIndexOf("}");
  if (first >= 0 && last > first) yield text.slice(first, last + 1);
}
