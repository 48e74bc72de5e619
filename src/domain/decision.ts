import { z } from "zod";
import { clip } from "../format/text.ts";
import { UsageError } from "./errors.ts";

/** A human's decision about one request. A response is text; some kinds also take a JSON value. */
export type Decision =
  | { readonly type: "approve" }
  | { readonly type: "edit"; readonly args: unknown }
  | { readonly type: "reject"; readonly message: string }
  | { readonly type: "respond"; readonly message: string; readonly value?: unknown };

/** The words for the four decisions: ours, LangChain's and the Agent Inbox's. */
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
/** The message of a `retry` without a message. */
export const RETRY_WORDS = "Try again.";

const actionSchema = z.looseObject({ args: z.unknown().optional(), arguments: z.unknown().optional() });
const decisionSchema = z.looseObject({
  type: z.string(),
  message: z.string().nullish(),
  args: z.unknown().optional(),
  value: z.unknown().optional(),
  editedAction: actionSchema.nullish(),
  edited_action: actionSchema.nullish(),
});

/** A decision and its request. */
export interface GivenDecision {
  readonly requestId: string;
  readonly decision: Decision;
}

/**
 * Parses a client's answer to an interrupt with these requests, in every form that LangGraph clients use: one decision, a
 * word, a list in the requests' order, an object from request id to decision, or `{ decisions }` around either. An answer
 * may be partial: null in a list means "not yet", and an object may omit requests.
 *
 * @returns the decisions. An object may also name other requests.
 * @throws UsageError for an answer without a decision, or a list of the wrong length.
 */
export function parseDecisions(answer: unknown, requestIds: readonly string[]): GivenDecision[] {
  const given = entriesOf(answer, requestIds).filter(([, value]) => value !== null && value !== undefined);
  if (given.length === 0) {
    throw new UsageError(
      `The answer decides nothing: say approve, edit, reject or respond to ${requestIds.join(", ")}.`,
    );
  }
  return given.map(([requestId, value]) => ({ requestId, decision: parseDecision(value, requestId) }));
}

/** Our request ids: the kind and 16 hexadecimal digits; eight in older rows. */
const REQUEST_ID = /^[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,16}$/;

/** Whether an answer is an object from request id to decision, for these or other requests. */
export function isByRequestId(answer: unknown, requestIds: readonly string[]): answer is object {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return false;
  return Object.keys(answer).some((key) => requestIds.includes(key) || REQUEST_ID.test(key));
}

function entriesOf(answer: unknown, requestIds: readonly string[]): readonly (readonly [string, unknown])[] {
  if (isByRequestId(answer, requestIds)) return Object.entries(answer);
  if (typeof answer === "object" && answer !== null && "decisions" in answer) {
    return entriesOf(answer.decisions, requestIds);
  }
  const list: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  if (list.length === requestIds.length) return list.map((value, index) => [requestIds[index] ?? "", value]);
  const requests = requestIds.length === 1 ? "is 1 request" : `are ${requestIds.length} requests`;
  const decisions = list.length === 1 ? "1 decision" : `${list.length} decisions`;
  throw new UsageError(
    `There ${requests} but ${decisions}: give one for each of ${requestIds.join(", ")}, with null for "not yet", or an object from request id to decision.`,
  );
}

/** @throws UsageError that names the request, for a value that is no decision. */
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
  const { message, args, value: given, editedAction, edited_action } = parsed.data;
  if (type === "approve") return { type };
  if (type === "edit") return { type, args: editedArgs(editedAction ?? edited_action, args, requestId) };
  const text = (message ?? (typeof args === "string" ? args : "")).trim();
  if (type === "reject") return { type, message: text };
  return response(text || (word === "retry" ? RETRY_WORDS : ""), given, requestId);
}

const VALUE_CHARACTERS = 200;

/** A response with a value but no message gets the shortened value as its message. */
function response(message: string, value: unknown, requestId: string): Decision {
  if (value !== undefined) {
    return { type: "respond", message: message || clip(JSON.stringify(value), VALUE_CHARACTERS), value };
  }
  if (message !== "") return { type: "respond", message };
  throw new UsageError(`The answer to ${requestId} has no message: give one.`);
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
