import { z } from "zod";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { approve, edit, reject } from "./actions.ts";
import { defineKind, type Question } from "./kind.ts";

/** Characters of the answer in a request's summary. */
const SUMMARY_CHARACTERS = 200;

/** The answer; other fields are the results of its tasks. */
const resultSchema = z.looseObject({ output: z.string() });

const outputSchema = z.union([
  z.string().trim().min(1),
  z.looseObject({ output: z.string().trim().min(1) }).transform(({ output }) => output),
]);

/** Asks whether the answer is good. */
export const resultKind = defineKind({
  name: "result",
  payload: resultSchema,
  title: "A result waits for you",
  ask: { policies: ["always", "never"], help: "The answer before the run ends; default: never." },
  isAutoApprovable: true,
  approvalReach: "data",
  // A rejection with a reason would make Claude write another answer, which costs money.
  byDefault: (answer) => (answer === "approve" ? { type: "approve" } : { type: "reject", message: "" }),
  ways: () => ["approve", `edit --args '{"output":"<the new answer>"}'`, 'reject --message "<why>"'],
  // The whole answer, because a human approves all of it.
  sections: ({ output }) => [{ type: "text", label: "The answer", text: output }],
  actions: (result) => [
    approve("Accept"),
    edit("Edit", {
      type: "text",
      label: "Answer",
      name: "output",
      text: result?.output ?? "",
      send: "Go on with this answer",
    }),
    reject("Reject", {
      label: "What should be different? With a reason Claude writes a new answer; without one the run ends.",
      question: "Why? The new answer will follow this reason: ",
    }),
  ],
  check: ({ id }, decision) => {
    if (decision.type === "edit") editedOutput(id, decision.args);
  },
});

/** Asks about the run's answer; `facts` are stored in the payload. */
export function resultRequest(
  { threadId, stop }: Pick<Question<unknown>, "threadId" | "stop">,
  output: string,
  facts: Readonly<Record<string, unknown>>,
): NewRequest {
  return resultKind.request({
    threadId,
    stop,
    about: "",
    taskId: null,
    summary: `Is this the answer? ${clip(output.replaceAll(/\s+/g, " "), SUMMARY_CHARACTERS)}`,
    payload: { output, ...facts },
  });
}

/** A human's decision about an answer. A rejection without a reason ends the run. */
export type AnsweredResult =
  | { readonly type: "stands" }
  | { readonly type: "edited"; readonly output: string }
  | { readonly type: "rejected"; readonly reason: string };

export function answeredResult(decision: Decision): AnsweredResult {
  if (decision.type === "edit") return { type: "edited", output: editedOutput("", decision.args) };
  return decision.type === "reject" ? { type: "rejected", reason: decision.message } : { type: "stands" };
}

/** The text of an edit, alone or as `output`. @throws UsageError when there is none. */
function editedOutput(requestId: string, args: unknown): string {
  const parsed = outputSchema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new UsageError(`The edit of ${requestId} must contain the changed answer: {"output": "…"}.`);
}
