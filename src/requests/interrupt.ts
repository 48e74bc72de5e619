import { z } from "zod";
import type { Decision } from "../domain/decision.ts";
import { lineForDecision } from "../format/decision-text.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { approve, choose, edit, reject, respond } from "./actions.ts";
import { defineKind } from "./kind.ts";
import { NOBODY_ANSWERED } from "./nobody-answered.ts";
import type { Action, Section } from "./view.ts";

const SUMMARY_CHARACTERS = 200;
/** The usual keys for a question in an interrupt's value, the most likely first. */
const SAYING = ["question", "message", "description", "text", "prompt", "title"];

/** The value of `askHuman`'s interrupt. */
const questionSchema = z.strictObject({ question: z.string(), options: z.array(z.string()).optional() });

/** An `interrupt(value)` in a node of the graph. The answer is the return value of the call. */
export const interruptKind = defineKind({
  name: "interrupt",
  payload: z.unknown(),
  title: "The graph asks you",
  question: "Your answer?",
  isAutoApprovable: false,
  byDefault: (answer) =>
    answer === "approve" ? { type: "approve" } : { type: "reject", message: NOBODY_ANSWERED },
  ways: (value) => [
    ...optionsOf(value).map((option) => `respond --message '${option.replaceAll("'", "'\\''")}'`),
    'respond --message "<text>"',
    "respond --args '<JSON>'",
    "approve    (gives true)",
    "reject     (gives false)",
  ],
  sections: shown,
  actions: (value) => [
    ...optionsIn(value),
    respond("Answer", { label: "Your answer", question: "Your answer: " }, "[s]ay"),
    edit(
      "Answer with JSON",
      { type: "json", label: "As JSON", value: {}, send: "Go on with this" },
      "[j]son",
    ),
    approve("Yes"),
    reject("No", { label: "Why (optional)", question: "Why? " }),
  ],
  takesValue: true,
  resumeWith,
});

/** The value, unless the summary contains all of it. */
function shown(value: unknown): Section[] {
  const label = "What is asked about";
  const text = questionSchema.safeParse(value).data?.question ?? value;
  if (typeof text !== "string") return [{ type: "code", label, text: JSON.stringify(value, null, 2) ?? "" }];
  return summed(text) === text && lineForDecision(text) === text ? [] : [{ type: "text", label, text }];
}

function optionsOf(value: unknown): readonly string[] {
  return questionSchema.safeParse(value).data?.options ?? [];
}

function optionsIn(value: unknown): Action[] {
  const options = optionsOf(value);
  return options.length > 0 ? [choose(options)] : [];
}

/** Asks a node's question. The same interrupt gives the same request. */
export function interruptRequest(threadId: string, interruptId: string, value: unknown): NewRequest {
  return interruptKind.request({
    threadId,
    stop: interruptId,
    about: "",
    taskId: null,
    payload: value ?? null,
    summary: summed(said(value)),
  });
}

function summed(text: string): string {
  return clip(text.replaceAll(/\s+/g, " ").trim(), SUMMARY_CHARACTERS);
}

function said(value: unknown): string {
  if (typeof value === "string") return value;
  const known = z.record(z.string(), z.unknown()).safeParse(value);
  const texts = known.success ? SAYING.map((name) => known.data[name]) : [];
  const text = texts.find((one) => typeof one === "string" && one.trim() !== "");
  return typeof text === "string" ? text : (JSON.stringify(value ?? null) ?? "");
}

function resumeWith(decision: Decision): unknown {
  switch (decision.type) {
    case "approve":
      return true;
    case "reject":
      return decision.message === "" ? false : { rejected: decision.message };
    case "edit":
      return decision.args;
    case "respond":
      return decision.value === undefined ? decision.message : decision.value;
  }
}
