import { runInNewContext } from "node:vm";
import { z } from "zod";
import { messageOf } from "./errors.ts";

// A plan's schema may come from a model, and a pattern like `^(a+)+$` needs longer than anybody lives for a text that does
// not fit. The bounds and the time limit hold for every schema.

const MOST_CHARACTERS = 20_000;
const MOST_DEPTH = 40;
/** For one value. Real schemas take milliseconds. */
const TIMEOUT_MS = 1000;

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Why a JSON schema cannot be used, after `it`; undefined when it can. */
export function problemOfSchema(schema: JsonSchema): string | undefined {
  const text = JSON.stringify(schema);
  if (text.length > MOST_CHARACTERS) return `is longer than ${MOST_CHARACTERS} characters`;
  if (depthOf(text) > MOST_DEPTH) return `is nested deeper than ${MOST_DEPTH} levels`;
  // An endless reference shows with any value.
  const tried = check(schema, null);
  return "problem" in tried ? tried.problem : undefined;
}

/** Why a value does not satisfy a JSON schema, or undefined when it does. Ends in bounded time and never throws. */
export function whyNot(schema: JsonSchema, value: unknown): string | undefined {
  const checked = check(schema, value);
  if ("problem" in checked) return `The JSON schema of the task ${checked.problem}.`;
  return checked.issues.length === 0 ? undefined : checked.issues.join("; ");
}

type Checked = { readonly issues: readonly string[] } | { readonly problem: string };

function check(schema: JsonSchema, value: unknown): Checked {
  const parse = () => z.fromJSONSchema({ ...schema }).safeParse(value).error?.issues ?? [];
  try {
    const issues: z.core.$ZodIssue[] = runInNewContext("parse()", { parse }, { timeout: TIMEOUT_MS });
    return { issues: issues.map(({ path, message }) => `${path.join(".") || "the output"}: ${message}`) };
  } catch (error) {
    if (error instanceof RangeError) return { problem: "refers to itself without an end" };
    const isSlow = Object(error).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
    if (isSlow) return { problem: `takes longer than ${TIMEOUT_MS} ms to check: use a simpler pattern` };
    return { problem: `cannot be used: ${messageOf(error)}` };
  }
}

/** The nesting of JSON text. Brackets within texts count too, which only makes the bound stricter. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
