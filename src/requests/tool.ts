import { z } from "zod";
import { UsageError } from "../domain/errors.ts";
import { plainJson } from "../domain/json.ts";
import { renderLength } from "../format/decision-text.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { approve, edit, reject, respond } from "./actions.ts";
import { type FileChange, fileChangeSchema } from "./file-change.ts";
import { defineKind } from "./kind.ts";
import { NOBODY_ANSWERED } from "./nobody-answered.ts";
import { type AskedCall, aboutCall, callPayloadSchema, settleCall } from "./tool-call.ts";
import type { Section } from "./view.ts";

/** Characters of a call's arguments in a request's summary. */
const SUMMARY_CHARACTERS = 200;

const argsSchema = z.record(z.string(), z.unknown());

/** Asks whether a tool call may run. An edit changes its arguments; a response replaces its result. */
export const toolKind = defineKind({
  name: "tool",
  payload: callPayloadSchema.partial().extend({
    tool: z.string(),
    args: z.unknown(),
    runs: z.string().optional(),
    change: fileChangeSchema.optional(),
  }),
  title: "A tool call waits for you",
  ask: {
    policies: ["always", "writes", "never"],
    help: "Tool calls; writes: those that change something. An agent's file can only make it stricter.",
  },
  isAutoApprovable: true,
  byDefault: (answer) =>
    answer === "approve" ? { type: "approve" } : { type: "reject", message: NOBODY_ANSWERED },
  ways: () => [
    "approve",
    "edit --args '<JSON>'",
    'reject --message "<why>"',
    'respond --message "<the result for the agent>"',
  ],
  sections: ({ tool, args, runs, change }) => [
    {
      type: "facts",
      facts: [{ name: "Tool", text: tool }, ...(runs === undefined ? [] : [{ name: "Runs", text: runs }])],
    },
    argumentsOf(args, change?.shows ?? []),
    ...(change ? [changeOf(change)] : []),
  ],
  actions: (call, raw) => [
    approve("Allow"),
    edit("Edit the arguments", {
      type: "json",
      label: "As JSON",
      value: call ? (call.args ?? {}) : raw,
      send: "Go on with this",
    }),
    reject("Deny", { label: "Why (optional)", question: "Why? The agent gets this reason: " }),
    respond(
      "Answer for it",
      { label: "Your answer", question: "What is the call's result instead? " },
      "[s]ay its result",
    ),
  ],
  editable: ({ tool, args }) => ({ name: tool, args: plainJson(args ?? null) }),
  check: ({ id }, decision) => {
    if (decision.type !== "edit" || argsSchema.safeParse(decision.args).success) return;
    throw new UsageError(
      `The edit of ${id} must contain the changed arguments of the call, as a JSON object.`,
    );
  },
  settle: settleCall,
});

/** Shows each argument under its name, the path of a file first; texts as text, other values as JSON. */
function argumentsOf(args: unknown, shownElsewhere: readonly string[]): Section {
  const label = "Arguments";
  if (!argsSchema.safeParse(args).success || typeof args !== "object" || args === null) {
    return { type: "code", label, text: JSON.stringify(args, null, 2) ?? "" };
  }
  // The object itself: a copy might lose a name such as "__proto__".
  const values = Object.entries(args)
    .filter(([name]) => !shownElsewhere.includes(name))
    .sort(([one], [other]) => Number(PATH.test(other)) - Number(PATH.test(one)))
    .map(([name, value]) => ({
      name,
      text: typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? ""),
    }));
  return { type: "values", label, values };
}

const PATH = /^(?:file_?|notebook_?)?path$/i;

function changeOf({ isNew, diff }: FileChange): Section {
  return { type: "diff", label: isNew ? "The new file" : "The change of the file", text: diff };
}

export interface ToolRequestDetails {
  /** Where its process would run. */
  readonly runs?: string | undefined;
  readonly change?: FileChange | undefined;
}

/** Asks about a tool call. */
export function toolRequest(asked: AskedCall, { runs, change }: ToolRequestDetails = {}): NewRequest {
  const { name: tool, input: args } = asked.call;
  const { question, place } = aboutCall(asked);
  const json = JSON.stringify(args);
  const cut =
    json.length > SUMMARY_CHARACTERS ? ` (${SUMMARY_CHARACTERS} of ${renderLength(json.length)})` : "";
  return toolKind.request({
    ...question,
    payload: { ...place, tool, args, ...(runs !== undefined && { runs }), ...(change && { change }) },
    summary: `Task "${place.task}" (${place.agent}) asks to use ${tool}: ${clip(json, SUMMARY_CHARACTERS)}${cut}`,
  });
}
