import { commandLine } from "../../app.ts";
import type { RequestKind } from "../../domain/request.ts";
import { oneLine } from "./display-width.ts";

const PLAIN_WAYS = ["approve", "edit --args '<JSON>'", 'reject --message "<why>"'];

/** What may follow the request's id, by what is asked; the likeliest first. */
const WAYS: Readonly<Record<RequestKind, readonly string[]>> = {
  plan: PLAIN_WAYS,
  tool: [
    "approve",
    "edit --args '<JSON>'",
    'reject --message "<why>"',
    'respond --message "<what the agent is told instead>"',
  ],
  result: ["approve", `edit --args '{"output":"<the new answer>"}'`, 'reject --message "<why>"'],
  budget: ["approve", "--budget <USD>", "reject"],
  failure: [
    "retry",
    'respond --message "<what to do better>"',
    `edit --args '{"prompt":"<the new prompt>"}'`,
    "approve    (takes the answer there is)",
    "reject     (gives the task up)",
  ],
  question: ['respond --message "<the answer>"', "reject     (the agent goes on without an answer)"],
};

/** How a request is answered from a shell, a line for each way. */
export function renderAnswerHint({
  id,
  kind,
}: {
  readonly id: string;
  readonly kind: RequestKind;
}): string[] {
  return WAYS[kind].map((way) => commandLine(`answer ${shellWord(id)} ${way}`));
}

/** A word safe to paste into a shell: quoted unless it is plain. */
export function shellWord(word: string): string {
  const shown = oneLine(word);
  return /^[\w.:@/-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
