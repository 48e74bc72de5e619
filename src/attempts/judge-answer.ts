import { isWindowFull } from "../calls/stop-reason.ts";
import type { TurnResponse } from "../calls/transport.ts";
import type { AgentResult } from "../domain/agent-result.ts";
import type { FailureClass } from "../domain/ladder.ts";
import { clip } from "../format/text.ts";
import { readAnswer } from "./answer-form.ts";
import type { AttemptEnd } from "./driver.ts";

const SUMMARY_CHARACTERS = 200;
/** What marks an answer of which the end is missing. */
const CUT_MARK = "\n\n(The answer was cut off here.)";

/** The last answer of an attempt. */
export interface LastAnswer extends Pick<TurnResponse, "stopReason" | "text"> {
  /** Whether its end is missing for good. */
  readonly isCut: boolean;
}

/** Judges the last answer of an attempt: a result, or the reason why it is not one. */
export function judgeAnswer({ stopReason, text, isCut }: LastAnswer): AttemptEnd {
  if (stopReason === "refusal") return failed("refusal", "Claude refused to do this task.", null);
  if (isWindowFull(stopReason)) {
    const advice = "split the task, or give it less to read";
    const digest = `The model's context window is full: ${advice}.`;
    return { isDone: false, failure: "max-tokens", digest, answer: cutOff(text), isFinal: true };
  }
  if (isCut) {
    const length = text === "" ? "before its first word" : `after ${text.length} characters`;
    const digest = `The answer was cut off ${length}: write less, or split the task.`;
    return failed("max-tokens", digest, cutOff(text));
  }
  const result = readAnswer(text);
  return result
    ? { isDone: true, result }
    : failed("invalid-output", "The agent's answer has no text.", null);
}

/** A failed attempt that another attempt may improve. */
export function failed(failure: FailureClass, digest: string, answer: AgentResult | null): AttemptEnd {
  return { isDone: false, failure, digest, answer };
}

/** What there is of an answer, in the shape of a result. */
function cutOff(text: string): AgentResult | null {
  const work = text.trim();
  if (work === "") return null;
  const summary = clip(work, SUMMARY_CHARACTERS);
  return { summary, output: `${work}${CUT_MARK}`, confidence: null, emotionalState: {} };
}
