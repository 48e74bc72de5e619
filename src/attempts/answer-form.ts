import { type AgentResult, readAgentResult } from "../domain/agent-result.ts";
import { readJsonAnswer } from "./json-answer.ts";

/** The form of an agent's answer, for its system prompt: the work as it is, and what is said about it in a last line. */
export const ANSWER_FORM = `Your answer is the work itself, whole, in Markdown; it needs no introduction. End it with one line about it:
<result>{"summary": "one or two sentences", "confidence": 0.9, "emotionalState": {"focus": 0.8, "doubt": 0.1}}</result>
"confidence" says from 0 to 1 how sure you are of the work.`;

/** The form of an answer that must satisfy a JSON schema, for drivers that have no other. */
export const JSON_FORM =
  'Answer with one JSON object {summary, output, confidence, emotionalState}: the whole work in Markdown in "output", how sure you are of it from 0 to 1 in "confidence".';

/** What an agent is asked after an answer without any text. */
export const ASK_AGAIN = "Give this answer once more: it came without any text. Write the whole work.";

/**
 * An agent's answer as a result: the work, and what the agent says about it, as far as it can be understood. Without
 * that line the work is kept. Also takes the whole answer as one JSON object.
 *
 * @returns undefined when there is no work in it.
 */
export function readAnswer(text: string): AgentResult | undefined {
  const line = lastLineOf(text);
  const work = (line?.before ?? text).trim();
  const about = Object(line ? readJsonAnswer(line.json) : undefined);
  return readAgentResult(line ? { ...about, output: work } : (asObject(text) ?? { output: work }));
}

const OPEN = "<result>";
const CLOSE = "</result>";

/** The line about the work, if the answer ends with it. It may be cut off, or in a code block. */
function lastLineOf(text: string): { before: string; json: string } | undefined {
  const at = text.lastIndexOf(OPEN);
  if (at < 0) return undefined;
  const rest = text.slice(at + OPEN.length);
  const end = rest.indexOf(CLOSE);
  const json = end < 0 ? rest : rest.slice(0, end);
  const after = end < 0 ? "" : rest.slice(end + CLOSE.length);
  // Without its end it is one line, so that no work after it is taken for a part of it.
  const isLine = end < 0 ? /^\s*(\{.*)?\s*$/.test(json) || isJson(json) : /^\s*(```\s*)?$/.test(after);
  return isLine ? { before: text.slice(0, at).replace(/```\w*\s*$/, ""), json } : undefined;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** The form that drivers with a schema use, and models that are used to it. */
function asObject(text: string): object | undefined {
  const value = readJsonAnswer(text);
  const isObject = typeof value === "object" && value !== null;
  return isObject && "output" in value && "summary" in value && "confidence" in value ? value : undefined;
}
