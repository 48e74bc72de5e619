import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { messageOf, UsageError } from "../../domain/errors.ts";

const manifestSchema = z.looseObject({ scripts: z.record(z.string(), z.string()).optional() });
type Manifest = z.infer<typeof manifestSchema>;

/**
 * Adds the missing scripts to the text of a package.json. Keeps all other lines if possible.
 *
 * @throws UsageError when the text is not a package.json.
 */
export function withScripts(
  text: string,
  scripts: Readonly<Record<string, string>>,
): { readonly content: string; readonly added: readonly string[] } {
  const manifest = parse(text);
  const missing = Object.entries(scripts).filter(([name]) => manifest.scripts?.[name] === undefined);
  if (missing.length === 0) return { content: text, added: [] };
  const wanted = { ...manifest, scripts: { ...manifest.scripts, ...Object.fromEntries(missing) } };
  return {
    content: inserted(text, missing, wanted) ?? rewritten(text, wanted),
    added: missing.map(([name]) => name),
  };
}

function parse(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? "it must be an object with strings as scripts" : messageOf(error);
    throw new UsageError(`The file package.json is invalid: ${why}.`);
  }
}

/** Inserts lines before the first script. Undefined when the result is wrong. */
function inserted(text: string, missing: [string, string][], wanted: Manifest): string | undefined {
  const start = /"scripts"\s*:\s*\{(\s*)/.exec(text);
  if (!start) return undefined;
  const [opening, space = ""] = start;
  const at = start.index + opening.length;
  const lines = missing.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)},${space}`);
  const content = `${text.slice(0, at)}${lines.join("")}${text.slice(at)}`;
  try {
    return isDeepStrictEqual(parse(content), wanted) ? content : undefined;
  } catch {
    return undefined; // There are no scripts yet, or another object has a key "scripts".
  }
}

function rewritten(text: string, wanted: Manifest): string {
  const [, indent = "  "] = /\n([ \t]+)"/.exec(text) ?? [];
  const content = `${JSON.stringify(wanted, null, indent)}${text.endsWith("\n") ? "\n" : ""}`;
  return text.includes("\r\n") ? content.replaceAll("\n", "\r\n") : content;
}
