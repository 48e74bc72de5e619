import { parseDecision } from "../../domain/decision.ts";
import type { Json } from "../../domain/json.ts";
import { renderAge, renderTimeLeft } from "../../format/amounts.ts";
import type { AnswerReport } from "../../runs/report.ts";
import { oneLine } from "./display-width.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  approve: "approved",
  edit: "edited",
  reject: "rejected",
  respond: "answered",
};

/** A decision: what, by whom, how and when. `approved by ana@desk (cli), 5 min ago: …`. */
export function renderAnswer(
  { decision, answeredBy, answeredVia, answeredAt }: Omit<AnswerReport, "id" | "kind" | "task">,
  nowMs: number,
): string {
  const { type, message } = wordsOf(decision);
  const by = answeredBy === null ? "" : ` by ${answeredBy}`;
  const when = answeredAt === null ? "" : `, ${renderAge(answeredAt, nowMs)}`;
  return oneLine(`${type}${by} (${answeredVia ?? "unknown"})${when}${message === "" ? "" : `: ${message}`}`);
}

/** The answer after the deadline: `rejected in 5 min 3 s without an answer`. */
export function renderDeadline(defaultAnswer: Json, deadlineAt: string, nowMs: number): string {
  return `${wordsOf(defaultAnswer).type} ${renderTimeLeft(deadlineAt, nowMs)} without an answer`;
}

function wordsOf(answer: Json): { readonly type: string; readonly message: string } {
  const decision = parseDecision(answer, "");
  return {
    type: MEANINGS[decision.type] ?? decision.type,
    message: "message" in decision ? decision.message : "",
  };
}
