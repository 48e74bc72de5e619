import { z } from "zod";
import { clip } from "../format/text.ts";
import { UsageError } from "./errors.ts";

/** What a human decided about one request. A response is text, or where a request takes it any JSON value. */
export type Decision =
  | { readonly type: "approve" }
  | { readonly type: "edit"; readonly args: unknown }
  | { readonly type: "reject"; readonly message: string }
  | { readonly type: "respond"; readonly message: string; readonly value?: unknown };

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

/** A decision and the request that it is about. */
export interface GivenDecision {
  readonly requestId: string;
  readonly decision: Decision;
}

/**
 * Reads what a client sent as the answer to an interrupt with these requests, in any form that clients of
 * LangGraph use: one decision, a word, a list in the requests' order, an object from request id to decision, or
 * `{ decisions }` around either. Nobody has to decide everything at once: in a list null stands for "not yet", and an
 * object names only the requests that are decided.
 *
 * @returns what is decided. An object may also name requests that are not among these.
 * @throws UsageError when nothing is decided, or a list is not as long as there are requests.
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

/** Our ids: the request's kind and eight digits. */
const REQUEST_ID = /^[a-z]+(?:-[a-z]+)*-[0-9a-f]{8}$/;

/** Whether an answer is an object from request id to decision; it may be one about other requests than these. */
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

/** @throws UsageError naming the request when this is no decision about it. */
export function parseDecision(value: unknown, requestId: string): Decision {
  const parsed = decisionSchema.safeParse(typeof value === "string" ? { type: value } : value);
  const word = parsed.success ? parsed.data.type.toLowerCase() : "";
  const type = Object.hasOwn(DECISION_OF_WORD, word) ? DECISION_OF_WORD[word] : undefined;
  if (!parsed.success || type === undefined) {
    throw noDecision(parsed.data?.type ?? value, requestId);
  }
  const { message, args, value: given, editedAction, edited_action } = parsed.data;
  if (type === "approve") return { type };
  if (type === "edit") return { type, args: editedArgs(editedAction ?? edited_action, args, requestId) };
  const text = (message ?? (typeof args === "string" ? args : "")).trim();
  if (type === "reject") return { type, message: text };
  return response(text || (word === "retry" ? RETRY_WORDS : ""), given, requestId);
}

function noDecision(given: unknown, requestId: string): UsageError {
  const shown = clip(JSON.stringify(given) ?? "nothing", 80);
  return new UsageError(`The answer to ${requestId} must be approve, edit, reject or respond, not ${shown}.`);
}

const VALUE_CHARACTERS = 200;

/** A response that brings a value says it in short where it brings no words. */
function response(message: string, value: unknown, requestId: string): Decision {
  if (value !== undefined) {
    return { type: "respond", message: message || clip(JSON.stringify(value), VALUE_CHARACTERS), value };
  }
  if (message !== "") return { type: "respond", message };
  throw new UsageError(`The answer to ${requestId} has no message. Add your answer.`);
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
    throw new UsageError(`The edit of ${requestId} has no arguments. Add the changed ones.`);
  }
  return edited;
}
