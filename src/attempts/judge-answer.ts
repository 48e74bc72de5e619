import type { TurnResponse } from "../calls/transport.ts";
import { type AgentResult, readAgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import { clip } from "../format/text.ts";
import type { AttemptEnd } from "./driver.ts";
import { readJsonAnswer } from "./json-answer.ts";

/** The most characters of problems in a digest: each further attempt pays for it. */
const DIGEST_CHARACTERS = 300;
const SUMMARY_CHARACTERS = 200;

/** Judges the last answer of an attempt: a result, or the reason why it is not one. */
export function judgeAnswer(
  { stopReason, text }: Pick<TurnResponse, "stopReason" | "text">,
  maxTokens: number,
): AttemptEnd {
  if (stopReason === "refusal") return failed("refusal", "Claude refused to do this task.", null);
  if (stopReason === "model_context_window_exceeded") {
    const advice = "split the task, or give it less to read";
    return failed("max-tokens", `The model's context window is full: ${advice}.`, asIs(text));
  }
  if (stopReason === "max_tokens") {
    const advice = "be shorter, split the task, or raise MAX_TOKENS";
    return failed("max-tokens", `The answer was cut off at ${maxTokens} tokens: ${advice}.`, asIs(text));
  }
  const parsed = readAgentResult(readJsonAnswer(text));
  if (parsed.success) return { isDone: true, result: parsed.data };
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`,
  );
  const digest = `The agent's answer is not a result: ${clip(problems.join("; "), DIGEST_CHARACTERS)}.`;
  return failed("invalid-output", digest, asIs(text));
}

/** What an agent is asked after an answer in prose. */
export const AS_JSON =
  'Give this answer once more as one JSON object {summary, output, confidence, emotionalState}, with the whole work in "output" and nothing before or after the object.';

/** Whether an answer is prose, so that its work may be good and only its form is not. */
export function isProse({ stopReason, text }: Pick<TurnResponse, "stopReason" | "text">): boolean {
  const isWhole = stopReason === "end_turn" || stopReason === "tool_use" || stopReason === "stop_sequence";
  return isWhole && /^\s*[^\s{[]/.test(text) && readJsonAnswer(text) === undefined;
}

/** A failed attempt that another attempt may improve. */
export function failed(failure: FailureClass, digest: string, answer: AgentResult | null): AttemptEnd {
  return { isDone: false, failure, digest, answer };
}

/** Wraps an invalid answer's text in the shape of a result. */
function asIs(text: string): AgentResult | null {
  if (text.trim() === "") return null;
  return { summary: clip(text.trim(), SUMMARY_CHARACTERS), output: text, confidence: 0, emotionalState: {} };
}
