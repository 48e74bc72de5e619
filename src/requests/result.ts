import { z } from "zod";
import type { Decision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { approve, edit, reject } from "./actions.ts";
import { defineKind, type Question } from "./kind.ts";

/** Characters of the answer that a request is summed up with. */
const SUMMARY_CHARACTERS = 200;

/** The answer, and what came of the tasks that it joins. */
const resultSchema = z.looseObject({ output: z.string() });

const outputSchema = z.union([
  z.string().trim().min(1),
  z.looseObject({ output: z.string().trim().min(1) }).transform(({ output }) => output),
]);

/** Is this the answer? */
export const resultKind = defineKind({
  name: "result",
  payload: resultSchema,
  title: "A result waits for you",
  ask: { policies: ["always", "never"], help: "The answer before the run ends; default: never." },
  isAutoApprovable: true,
  // A reason would have another answer made, which costs.
  byDefault: (answer) => (answer === "approve" ? { type: "approve" } : { type: "reject", message: "" }),
  ways: () => ["approve", `edit --args '{"output":"<the new answer>"}'`, 'reject --message "<why>"'],
  // The whole answer: who approves it has to be able to read it.
  sections: ({ output }) => [{ type: "text", label: "The answer", text: output, isFolded: false }],
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
      label: "What should be different? With words a new answer is made; without any the run ends.",
      question: "Why? A new answer will heed it: ",
    }),
  ],
  check: ({ id }, decision) => {
    if (decision.type === "edit") editedOutput(id, decision.args);
  },
});

/** Asks whether `output` is the answer of the run; `facts` are kept with it. */
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

/** What a human makes of an answer: it stands, it is another text, or it is rejected; without a reason that ends the run. */
export type AnsweredResult =
  | { readonly type: "stands" }
  | { readonly type: "edited"; readonly output: string }
  | { readonly type: "rejected"; readonly reason: string };

export function answeredResult(decision: Decision): AnsweredResult {
  if (decision.type === "edit") return { type: "edited", output: editedOutput("", decision.args) };
  return decision.type === "reject" ? { type: "rejected", reason: decision.message } : { type: "stands" };
}

/** The text that an edit brings, alone or as `output`. @throws UsageError when there is none. */
function editedOutput(requestId: string, args: unknown): string {
  const parsed = outputSchema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new UsageError(`The edit of ${requestId} must bring the changed answer: {"output": "…"}.`);
}
