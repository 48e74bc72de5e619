import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Decision, parseDecision } from "../core/decisions.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import type { RequestKind } from "../core/request-kinds.ts";
import { allowedDecisions, failurePayloadSchema } from "../core/requests.ts";
import { recordAnswer } from "../engine/answer.ts";
import type { HumanRequest } from "../postgres/requests.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { editorCommand } from "./environment.ts";
import { parseJson } from "./run-options.ts";
import { pageFor } from "./view/render-options.ts";
import { renderRequest } from "./view/render-request.ts";

/**
 * Shows a request and asks for the decision until there is one.
 *
 * @returns false when the person would rather answer later.
 */
export async function askPerson(cli: Cli, request: HumanRequest): Promise<boolean> {
  cli.note(renderRequest(request, pageFor(cli.err, cli.color)));
  const choices = choicesFor(request);
  const offer = choices.map(({ offer: words }) => words).join(", ");
  for (;;) {
    const word = await askLine(cli, `${QUESTIONS[request.kind] ?? "Approve?"} ${offer}, [l]ater: `);
    if (word === undefined || word === "l" || word === "later") return false;
    try {
      const decision = await decisionFor(cli, word, request, choices);
      if (!decision) continue;
      await recordAnswer(await cli.engine(), request.id, decision, cli.answerer);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      cli.note(messageOf(error));
    }
  }
}

const QUESTIONS: Partial<Readonly<Record<RequestKind, string>>> = { budget: "Go on?", failure: "What now?" };

/** One thing that may be said to a request, and the decision it stands for. */
interface Choice {
  readonly offer: string;
  readonly words: readonly string[];
  decide(cli: Cli, request: HumanRequest): Promise<Decision | undefined>;
}

const YES = ["y", "yes", "a", "approve"];
const NO = ["n", "no"];

function choicesFor(request: HumanRequest): Choice[] {
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

const CHOICES: Partial<Readonly<Record<RequestKind, readonly Offered[]>>> = {
  budget: BUDGET_CHOICES,
  failure: FAILURE_CHOICES,
};

async function decisionFor(
  cli: Cli,
  word: string,
  request: HumanRequest,
  choices: readonly Choice[],
): Promise<Decision | undefined> {
  const amount = Number(word.replace(/^\$/, ""));
  if (request.kind === "budget" && amount > 0) return { type: "edit", args: { budgetUsd: amount } };
  return choices.find(({ words }) => words.includes(word.toLowerCase()))?.decide(cli, request);
}

async function edited(_: Cli, { kind, payload }: HumanRequest): Promise<Decision> {
  return { type: "edit", args: await editInEditor(kind === "failure" ? promptIn(payload) : payload) };
}

/** Of a failure only the prompt can be changed. */
function promptIn(payload: unknown): unknown {
  return { prompt: failurePayloadSchema.parse(payload).prompt };
}

async function advised(cli: Cli): Promise<Decision | undefined> {
  const message = await askLine(cli, "What is to be done better? ");
  return message ? { type: "respond", message } : undefined;
}

async function rejectedFor(cli: Cli, { kind }: HumanRequest): Promise<Decision | undefined> {
  const message = await askLine(cli, kind === "plan" ? "Why? A new plan will heed it: " : "Why? ");
  return message === undefined ? undefined : { type: "reject", message };
}

/** Lets the person change the arguments as a JSON file in their own editor. */
async function editInEditor(payload: unknown): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-edit-"));
  const file = join(folder, "request.json");
  try {
    await writeFile(file, `${JSON.stringify(payload, null, 2)}\n`, { mode: 0o600 });
    const [editor = "vi", ...args] = editorCommand().split(" ");
    const { status, error } = spawnSync(editor, [...args, file], { stdio: "inherit" });
    if (error) throw new UsageError(`The editor "${editor}" cannot be started: set EDITOR to one that can.`);
    if (status !== 0) throw new UsageError("The editor ended with an error, so nothing was changed.");
    return parseJson(await readFile(file, "utf8"), "What you wrote");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
