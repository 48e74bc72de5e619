import { z } from "zod";
import { UsageError } from "./errors.ts";
import { clip } from "./text.ts";

/** What a human decided about one request. */
export type Decision =
  | { readonly type: "approve" }
  | { readonly type: "edit"; readonly args: unknown }
  | { readonly type: "reject"; readonly message: string }
  | { readonly type: "respond"; readonly message: string };

/** The words clients use for the four decisions: ours, LangChain's and the Agent Inbox's. */
const DECISION_OF_WORD: Readonly<Record<string, Decision["type"]>> = {
  approve: "approve",
  accept: "approve",
  edit: "edit",
  reject: "reject",
  ignore: "reject",
  respond: "respond",
  response: "respond",
  retry: "respond",
};
/** What a `retry` without words says. */
const RETRY_WORDS = "Try again.";

const actionSchema = z.looseObject({ args: z.unknown().optional(), arguments: z.unknown().optional() });
const decisionSchema = z.looseObject({
  type: z.string(),
  message: z.string().nullish(),
  args: z.unknown().optional(),
  editedAction: actionSchema.nullish(),
  edited_action: actionSchema.nullish(),
});

/**
 * Reads what a client sent as the answer to an interrupt with these requests, in any form that clients of
 * LangGraph use: one decision, a word, a list in the requests' order, `{ decisions: […] }`, or an object from
 * request id to decision.
 *
 * @returns one decision for each request, in their order.
 * @throws UsageError when the answer is none, or not one for each request.
 */
export function parseDecisions(answer: unknown, requestIds: readonly string[]): Decision[] {
  const list = decisionList(answer, requestIds);
  if (list.length !== requestIds.length) {
    throw new UsageError(
      `There ${requestIds.length === 1 ? "is 1 request" : `are ${requestIds.length} requests`} but ${list.length} decisions: give one for each of ${requestIds.join(", ")}.`,
    );
  }
  return list.map((entry, index) => parseDecision(entry, requestIds[index] ?? ""));
}

function decisionList(answer: unknown, requestIds: readonly string[]): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  if (typeof answer !== "object" || answer === null) return [answer];
  if ("decisions" in answer && Array.isArray(answer.decisions)) return answer.decisions;
  const byId = new Map<string, unknown>(Object.entries(answer));
  return requestIds.some((id) => byId.has(id)) ? requestIds.map((id) => byId.get(id)) : [answer];
}

/** @throws UsageError naming the request when this is no decision about it. */
export function parseDecision(value: unknown, requestId: string): Decision {
  const parsed = decisionSchema.safeParse(typeof value === "string" ? { type: value } : value);
  const word = parsed.success ? parsed.data.type.toLowerCase() : "";
  const type = Object.hasOwn(DECISION_OF_WORD, word) ? DECISION_OF_WORD[word] : undefined;
  if (!parsed.success || type === undefined) {
    const given = clip(JSON.stringify(value) ?? "nothing", 80);
    throw new UsageError(
      `The answer to ${requestId} must be approve, edit, reject or respond, not ${given}.`,
    );
  }
  const { message, args, editedAction, edited_action } = parsed.data;
  if (type === "approve") return { type };
  if (type === "edit") return { type, args: editedArgs(editedAction ?? edited_action, args, requestId) };
  const given = message ?? (typeof args === "string" ? args : "");
  const text = word === "retry" && given.trim() === "" ? RETRY_WORDS : given;
  if (type === "respond" && text.trim() === "") {
    throw new UsageError(`The answer to ${requestId} has no message: say what you respond.`);
  }
  return { type, message: text.trim() };
}

/** The edited arguments; the Agent Inbox wraps them as `args: { action, args }`. */
function editedArgs(
  action: z.infer<typeof actionSchema> | null | undefined,
  args: unknown,
  requestId: string,
): unknown {
  const wrapped = actionSchema.extend({ action: z.string() }).safeParse(args);
  const edited = action ? (action.args ?? action.arguments) : wrapped.success ? wrapped.data.args : args;
  if (edited === undefined || edited === null) {
    throw new UsageError(`The edit of ${requestId} has no arguments: give the changed ones.`);
  }
  return edited;
}
