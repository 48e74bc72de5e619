import { type Decision, parseDecision } from "../domain/decision.ts";
import type { RequestKind } from "../domain/request.ts";
import type { HumanRequest } from "../postgres/requests.ts";
import {
  allowedDecisions,
  failurePayloadSchema,
  resultPayloadSchema,
  toolPayloadSchema,
} from "../requests/requests.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { editInEditor } from "./edit-in-editor.ts";
import { parseJson } from "./run-options.ts";

/** One thing that may be said to a request, and the decision it stands for. */
export interface Choice {
  readonly offer: string;
  readonly words: readonly string[];
  decide(cli: Cli, request: HumanRequest): Promise<Decision | undefined>;
}

const YES = ["y", "yes", "a", "approve"];
const NO = ["n", "no"];

export function choicesFor(request: HumanRequest): Choice[] {
  const allowed = allowedDecisions(request);
  const byKind = CHOICES[request.kind] ?? PLAIN_CHOICES;
  return byKind.filter(({ needs }) => allowed.includes(needs)).map(({ choice }) => choice);
}

type Offered = { readonly needs: Decision["type"]; readonly choice: Choice };

const NO_CHOICE: Offered = {
  needs: "reject",
  choice: { offer: "[n]o", words: NO, decide: async () => ({ type: "reject", message: "" }) },
};

const PLAIN_CHOICES: readonly Offered[] = [
  { needs: "approve", choice: { offer: "[y]es", words: YES, decide: async () => ({ type: "approve" }) } },
  { needs: "edit", choice: { offer: "[e]dit", words: ["e", "edit"], decide: edited } },
  NO_CHOICE,
  {
    needs: "reject",
    choice: { offer: "[r]eject with a reason", words: ["r", "reject"], decide: rejectedFor },
  },
];

const BUDGET_CHOICES: readonly Offered[] = [
  { needs: "approve", choice: { offer: "[y]es", words: YES, decide: async () => ({ type: "approve" }) } },
  { needs: "edit", choice: { offer: "another amount in USD", words: [], decide: async () => undefined } },
  NO_CHOICE,
];

const FAILURE_CHOICES: readonly Offered[] = [
  {
    needs: "respond",
    choice: {
      offer: "[t]ry again",
      words: ["t", "retry", "try again"],
      decide: async () => parseDecision("retry", ""),
    },
  },
  { needs: "respond", choice: { offer: "[s]ay how", words: ["s", "say", "respond"], decide: advised } },
  { needs: "edit", choice: { offer: "[e]dit the prompt", words: ["e", "edit"], decide: edited } },
  {
    needs: "approve",
    choice: { offer: "[a]ccept the answer", words: YES, decide: async () => ({ type: "approve" }) },
  },
  {
    needs: "reject",
    choice: {
      offer: "[g]ive up",
      words: ["g", ...NO],
      decide: async () => ({ type: "reject", message: "" }),
    },
  },
];

const QUESTION_CHOICES: readonly Offered[] = [
  { needs: "respond", choice: { offer: "[a]nswer", words: ["a", "answer", "respond"], decide: advised } },
  NO_CHOICE,
];

const TOOL_CHOICES: readonly Offered[] = [
  ...PLAIN_CHOICES,
  {
    needs: "respond",
    choice: { offer: "[s]ay its result", words: ["s", "say", "respond"], decide: advised },
  },
];

/** What words are asked for. */
const WORDS: Partial<Readonly<Record<RequestKind, string>>> = {
  question: "Your answer: ",
  tool: "What the agent is told instead of the call's result: ",
};
const REASONS: Partial<Readonly<Record<RequestKind, string>>> = {
  plan: "Why? A new plan will heed it: ",
  result: "Why? A new answer will heed it: ",
  tool: "Why? The agent is told: ",
};

const CHOICES: Partial<Readonly<Record<RequestKind, readonly Offered[]>>> = {
  budget: BUDGET_CHOICES,
  failure: FAILURE_CHOICES,
  question: QUESTION_CHOICES,
  tool: TOOL_CHOICES,
};

/** What a word that was typed decides; undefined for one that decides nothing. */
export async function decisionFor(
  cli: Cli,
  word: string,
  request: HumanRequest,
  choices: readonly Choice[],
): Promise<Decision | undefined> {
  const amount = Number(word.replace(/^\$/, ""));
  if (request.kind === "budget" && amount > 0) return { type: "edit", args: { budgetUsd: amount } };
  return choices.find(({ words }) => words.includes(word.toLowerCase()))?.decide(cli, request);
}

/** Arguments are changed as JSON, an answer as the text that it is. */
async function edited(_: Cli, { kind, payload }: HumanRequest): Promise<Decision> {
  if (kind === "result") {
    return {
      type: "edit",
      args: { output: await editInEditor(resultPayloadSchema.parse(payload).output, "answer.md") },
    };
  }
  const json = JSON.stringify(editableIn(kind, payload), null, 2);
  return { type: "edit", args: parseJson(await editInEditor(`${json}\n`, "request.json"), "What you wrote") };
}

/** Of a failure only the prompt can be changed, of a call its arguments. */
function editableIn(kind: RequestKind, payload: unknown): unknown {
  if (kind === "failure") return { prompt: failurePayloadSchema.parse(payload).prompt };
  return kind === "tool" ? toolPayloadSchema.parse(payload).args : payload;
}

async function advised(cli: Cli, { kind }: HumanRequest): Promise<Decision | undefined> {
  const message = await askLine(cli, WORDS[kind] ?? "What is to be done better? ");
  return message ? { type: "respond", message } : undefined;
}

async function rejectedFor(cli: Cli, { kind }: HumanRequest): Promise<Decision | undefined> {
  const message = await askLine(cli, REASONS[kind] ?? "Why? ");
  return message === undefined ? undefined : { type: "reject", message };
}
