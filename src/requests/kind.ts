import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Deadline } from "../domain/deadline.ts";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { type Json, plainJson } from "../domain/json.ts";
import type { Reach } from "../domain/reach.ts";
import type { Task } from "../domain/task.ts";
import type { ToolAskPolicy } from "../domain/tool-policy.ts";
import { linesOfDiff, sizeForDecision } from "../format/decision-text.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import type { WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { Database } from "../postgres/database.ts";
import type { NewRequest } from "../postgres/requests.ts";
import type { Action, KindView, Section } from "./view.ts";

/** The part of a request that decides the allowed answers. */
export interface Asked {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
}

/** What the check of an answer needs besides the request. */
export interface AnswerScope {
  /** Parses a plan for the thread. @throws UsageError that names all problems. */
  planFrom(plan: unknown): Promise<Task[]>;
}

/** An answer to a request of waiting tasks. */
export interface TaskAnswer {
  readonly database: Database;
  readonly execution: Execution;
  readonly asked: Asked;
  readonly tasks: readonly WaitingTask[];
  readonly decision: Decision;
}

/** The part of a request that an edit changes, and its name for LangGraph clients. */
export interface Editable {
  readonly name: string;
  readonly args: Json;
}

/** The definition of a kind of request. Texts are for people. */
export interface KindSpec<Payload> {
  readonly name: string;
  /** The shape of the payload. Another payload is shown as JSON. */
  readonly payload: z.ZodType<Payload>;
  /** `A plan waits for you`. */
  readonly title: string;
  /** A title for some payloads instead. */
  titleOf?(payload: Payload): string | undefined;
  /** The question in a terminal; default `Approve?`. */
  readonly question?: string;
  /** The values of a run's `ask` for this kind, and their help. Without them a human is always asked. */
  readonly ask?: { readonly policies: readonly [ToolAskPolicy, ...ToolAskPolicy[]]; readonly help: string };
  /** Whether a run's `autoApprove` may name this kind. */
  readonly isAutoApprovable: boolean;
  /** `data` when an approval without a human runs no code here, so that a client of the server may choose it. */
  readonly approvalReach?: "data";
  /** The default decision at a deadline; undefined when the request waits without limit. */
  byDefault(answer: Deadline["answer"]): Decision | undefined;
  /** The arguments after `answer ID` in a shell, the most likely first. */
  ways(payload: Payload | undefined): readonly string[];
  sections(payload: Payload): readonly Section[];
  /** The possible decisions. @param raw - the payload before parsing. */
  actions(payload: Payload | undefined, raw: unknown): readonly Action[];
  /** Default: the whole payload, with the kind's name. */
  editable?(payload: Payload): Editable;
  /** Whether a response may have a JSON value. */
  readonly takesValue?: boolean;
  /** Checks a decision of an allowed type. @throws UsageError when it is not valid. */
  check?(asked: Asked, decision: Decision, scope: AnswerScope): void | Promise<void>;
  /** Applies a decision to waiting tasks: retry, accept or give up. */
  settle?(answer: TaskAnswer): Promise<void>;
  /** The value that resumes an interrupt of the graph itself. */
  resumeWith?(decision: Decision): unknown;
}

/** A kind of request for its users, whatever the type of its payload. */
export interface RequestKind {
  readonly name: string;
  readonly ask: KindSpec<unknown>["ask"];
  readonly isAutoApprovable: boolean;
  readonly approvalReach: Reach;
  byDefault(answer: Deadline["answer"]): Decision | undefined;
  ways(payload: unknown): readonly string[];
  view(asked: Pick<Asked, "payload">): KindView;
  /** The allowed types of decisions. */
  allowed(asked: Pick<Asked, "payload">): Decision["type"][];
  /** @throws UsageError when the decision does not fit the request. */
  check(asked: Asked, decision: Decision, scope: AnswerScope): Promise<void>;
  editable(asked: Pick<Asked, "payload">): Editable;
  settle(answer: TaskAnswer): Promise<void>;
  resumeWith(decision: Decision): unknown;
}

/** The content of a request. Its id depends on `stop`, the id of the gate's run, and `about`, unique in that run. */
export interface Question<Payload> {
  readonly threadId: string;
  readonly stop: string | undefined;
  readonly about: string;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Payload;
}

/** A kind that can make requests. */
export interface AskingKind<Payload> extends RequestKind {
  /** Makes a request, without storing it. The same stop and subject give the same id. */
  request(question: Question<Payload>): NewRequest;
}

const WHY_NOT: Readonly<Record<Decision["type"], string>> = {
  approve: "there is nothing to approve",
  edit: "there is nothing to change",
  reject: "it needs an answer",
  respond: "it takes no message",
};

export function defineKind<Payload>(spec: KindSpec<Payload>): AskingKind<Payload> {
  const { name, title, question = "Approve?", ask, isAutoApprovable, approvalReach = "code" } = spec;
  const parse = (payload: unknown) => spec.payload.safeParse(payload).data;
  const actions = (payload: unknown) => spec.actions(parse(payload), payload);
  const allowed: RequestKind["allowed"] = ({ payload }) => [
    ...new Set(actions(payload).map(({ type }) => type)),
  ];
  return {
    name,
    ask,
    isAutoApprovable,
    approvalReach,
    byDefault: (answer) => spec.byDefault(answer),
    ways: (payload) => spec.ways(parse(payload)),
    view: ({ payload }) => {
      const known = parse(payload);
      const sections = known === undefined ? [asItIs(payload)] : spec.sections(known);
      const own = known === undefined ? undefined : spec.titleOf?.(known);
      const size = sizeForDecision(sections.flatMap(textsOf));
      return { title: own ?? title, question, sections, size, actions: actions(payload) };
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

/** Hexadecimal digits of an id, 64 bits: two of a million requests have the same id with a probability of 1 to 37 million. */
const ID_DIGITS = 16;

function requestId(kind: string, threadId: string, stop = "", about: string): string {
  const key = `${threadId} ${stop} ${about}`;
  return `${kind}-${createHash("sha256").update(key.trim()).digest("hex").slice(0, ID_DIGITS)}`;
}

function textsOf(section: Section): string[] {
  return section.type === "diff" ? linesOfDiff(section.text) : textsIn(section);
}

/** Our own words, and fields of a task that its checks show. */
const NOT_COUNTED: ReadonlySet<string> = new Set(["type", "label", "rest"]);

/** All texts of a section. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  const parts = Object.entries(value).filter(([name]) => !NOT_COUNTED.has(name));
  return parts.flatMap(([, part]) => textsIn(part));
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
  throw new UsageError(`The answer to ${id} must be a message, not JSON.`);
}
