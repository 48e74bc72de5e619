import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Deadline } from "../domain/deadline.ts";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { type Json, plainJson } from "../domain/json.ts";
import type { Task } from "../domain/task.ts";
import type { ToolAskPolicy } from "../domain/tool-policy.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import type { WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { Database } from "../postgres/database.ts";
import type { NewRequest } from "../postgres/requests.ts";
import type { Action, KindView, Section } from "./view.ts";

/** What is asked, as far as it says what may be answered. */
export interface Asked {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
}

/** What an answer is checked against, besides its request. */
export interface AnswerScope {
  /** A plan as the thread would run it. @throws UsageError naming all that is wrong with it. */
  planFrom(plan: unknown): Promise<Task[]>;
}

/** An answer that waiting tasks were asked for. */
export interface TaskAnswer {
  readonly database: Database;
  readonly execution: Execution;
  readonly asked: Asked;
  readonly tasks: readonly WaitingTask[];
  readonly decision: Decision;
}

/** What an edit changes, and under which name clients of LangGraph see it. */
export interface Editable {
  readonly name: string;
  readonly args: Json;
}

/** What defines a kind of request. Texts are for people. */
export interface KindSpec<Payload> {
  readonly name: string;
  /** What is asked about. A payload of another shape is shown as it is. */
  readonly payload: z.ZodType<Payload>;
  /** `A plan waits for you`. */
  readonly title: string;
  /** A title for some payloads instead. */
  titleOf?(payload: Payload): string | undefined;
  /** What a terminal asks; `Approve?` where it is left out. */
  readonly question?: string;
  /** What a run's `ask` may say of it and what that means. Without it a human is always asked. */
  readonly ask?: { readonly policies: readonly [ToolAskPolicy, ...ToolAskPolicy[]]; readonly help: string };
  /** Whether a run's `autoApprove` may name it. */
  readonly isAutoApprovable: boolean;
  /** The decision that stands in for a human's at a deadline; undefined where it waits for as long as it takes. */
  byDefault(answer: Deadline["answer"]): Decision | undefined;
  /** What may follow `answer ID` in a shell, the likeliest first. */
  ways(payload: Payload | undefined): readonly string[];
  sections(payload: Payload): readonly Section[];
  /** What may be decided. @param raw - the payload as it is, where it is of another shape. */
  actions(payload: Payload | undefined, raw: unknown): readonly Action[];
  /** Default: the whole payload, under the kind's name. */
  editable?(payload: Payload): Editable;
  /** Whether a response may bring a JSON value. */
  readonly takesValue?: boolean;
  /** Checks a decision of an allowed type. @throws UsageError when it cannot be used. */
  check?(asked: Asked, decision: Decision, scope: AnswerScope): void | Promise<void>;
  /** Does what was decided about waiting tasks: to be tried again, taken as they are, or given up. */
  settle?(answer: TaskAnswer): Promise<void>;
  /** What an interrupt which is not of our making is resumed with. */
  resumeWith?(decision: Decision): unknown;
}

/** A kind of request, as everything else uses it. */
export interface RequestKind {
  readonly name: string;
  readonly ask: KindSpec<unknown>["ask"];
  readonly isAutoApprovable: boolean;
  byDefault(answer: Deadline["answer"]): Decision | undefined;
  ways(payload: unknown): readonly string[];
  view(asked: Pick<Asked, "payload">): KindView;
  /** The types of decisions that fit a request. */
  allowed(asked: Pick<Asked, "payload">): Decision["type"][];
  /** @throws UsageError when the decision does not fit the request. */
  check(asked: Asked, decision: Decision, scope: AnswerScope): Promise<void>;
  editable(asked: Pick<Asked, "payload">): Editable;
  settle(answer: TaskAnswer): Promise<void>;
  resumeWith(decision: Decision): unknown;
}

/** What is asked; `about` tells requests of one stop apart, `stop` the stops at a gate. */
export interface Question<Payload> {
  readonly threadId: string;
  readonly stop: string | undefined;
  readonly about: string;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Payload;
}

/** A kind with what those need who ask by it. */
export interface AskingKind<Payload> extends RequestKind {
  /** The request, not asked yet. Its id is the same as long as the same stop asks the same thing. */
  request(question: Question<Payload>): NewRequest;
}

const WHY_NOT: Readonly<Record<Decision["type"], string>> = {
  approve: "there is nothing that could be approved",
  edit: "there is nothing to change",
  reject: "it is needed",
  respond: "it asks for no words",
};

export function defineKind<Payload>(spec: KindSpec<Payload>): AskingKind<Payload> {
  const { name, title, question = "Approve?", ask, isAutoApprovable } = spec;
  const parse = (payload: unknown) => spec.payload.safeParse(payload).data;
  const actions = (payload: unknown) => spec.actions(parse(payload), payload);
  const allowed: RequestKind["allowed"] = ({ payload }) => [
    ...new Set(actions(payload).map(({ type }) => type)),
  ];
  return {
    name,
    ask,
    isAutoApprovable,
    byDefault: (answer) => spec.byDefault(answer),
    ways: (payload) => spec.ways(parse(payload)),
    view: ({ payload }) => {
      const known = parse(payload);
      const sections = known === undefined ? [asItIs(payload)] : spec.sections(known);
      const own = known === undefined ? undefined : spec.titleOf?.(known);
      return { title: own ?? title, question, sections, actions: actions(payload) };
    },
    allowed,
    check: async (asked, decision, scope) => {
      refuseOther(asked, decision, allowed(asked));
      refuseValue(spec.takesValue ?? false, asked, decision);
      await spec.check?.(asked, decision, scope);
    },
    editable: ({ payload }) => {
      const known = parse(payload);
      return (known !== undefined && spec.editable?.(known)) || { name, args: plainJson(payload) };
    },
    settle: async (answer) => {
      if (spec.settle) return spec.settle(answer);
      throw new Error(`No task waits for an answer to a request of kind ${name}.`);
    },
    resumeWith: (decision) => (spec.resumeWith ? spec.resumeWith(decision) : decision),
    request: ({ threadId, stop, about, taskId, summary, payload }) => ({
      id: requestId(name, threadId, stop, about),
      threadId,
      kind: name,
      taskId,
      summary,
      payload: plainJson(payload),
    }),
  };
}

function requestId(kind: string, threadId: string, stop = "", about: string): string {
  const key = `${threadId} ${stop} ${about}`;
  return `${kind}-${createHash("sha256").update(key.trim()).digest("hex").slice(0, 8)}`;
}

function asItIs(payload: unknown): Section {
  return { type: "code", label: "What is asked about", text: JSON.stringify(payload, null, 2) ?? "" };
}

function refuseOther({ id, kind }: Asked, { type }: Decision, allowed: readonly string[]): void {
  if (allowed.length === 0) {
    throw new UsageError(
      `This version of Decurion does not know requests of kind "${kind}": answer ${id} with the version that asked it.`,
    );
  }
  if (allowed.some((one) => one === type)) return;
  throw new UsageError(
    `Request ${id} can be answered with ${allowed.join(", ")}, not with ${type}: ${WHY_NOT[type]}.`,
  );
}

function refuseValue(takesValue: boolean, { id }: Asked, decision: Decision): void {
  if (takesValue || decision.type !== "respond" || decision.value === undefined) return;
  throw new UsageError(`The answer to ${id} must be words, not JSON: give a message.`);
}
