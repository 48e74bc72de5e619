import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { MAX_PARALLEL } from "../domain/config.ts";
import { messageOf, UsageError } from "../domain/errors.ts";
import { APPROVAL_KINDS, type ApprovalKind, type ThreadOptions } from "../domain/thread-options.ts";
import { DRIVERS } from "../drivers/drivers.ts";
import { numberOption, textOption } from "./arguments.ts";
import { askFrom, deadlineFrom } from "./ask-options.ts";
import type { Arguments, OptionSpecs } from "./cli.ts";

export const RUN_OPTIONS = {
  "input-file": { value: "F", help: "read the input from a file; - is standard input" },
  plan: { value: "F", help: "run the plan in this JSON file instead of asking Claude for one" },
  "agents-dir": { value: "D", help: "load further agent definitions from this folder" },
  tools: { value: "F", help: "tools of your own: a TypeScript module that exports some (defineTool)" },
  workspace: {
    value: "DIR",
    help: "folder that the agents' tools work in; default: one of the thread's own",
  },
  thread: { value: "ID", help: "the thread's id, a UUID; one that exists goes on" },
  parallel: { value: "N", help: `agents at once, 1 to ${MAX_PARALLEL}` },
  batch: { value: "N", help: "N tasks begin, all of them end, then the next N; default: no barrier" },
  profile: { value: "NAME", help: "conservative: two agents at once, which start five minutes apart" },
  budget: { value: "USD", help: "budget of the thread, which no call passes" },
  "task-budget": { value: "USD", help: "budget of each task" },
  executor: {
    value: "NAME",
    help: `driver of all agents: ${DRIVERS.map(({ name }) => name).join(", ")} or simulated`,
  },
  model: { value: "ALIAS", help: "model for all agents: haiku, sonnet, opus or a full id" },
  "no-escalation": { help: "keep a task that fails on its own model" },
  "no-synthesis": { help: "do not join the results into one answer" },
  "auto-approve": {
    value: "KINDS",
    optional: true,
    help: "approve without asking: plan, tool, result; all by default",
  },
  ask: {
    value: "KINDS",
    help: "what you are asked: plan, tool, result, question; also plan=never, tool=writes",
  },
  deadline: { value: "T=A", help: "30m=approve, 2h=reject: how what is asked is answered when nobody does" },
  json: { help: "print one JSON document" },
} as const satisfies OptionSpecs;

/** Options of the command line as the options of a thread. */
export function threadOptionsFrom(args: Arguments): ThreadOptions {
  const parallel = numberOption(args, "parallel", { min: 1, max: MAX_PARALLEL, whole: true });
  const batch = numberOption(args, "batch", { min: 1, whole: true });
  const profile = profileFrom(args);
  const budgetUsd = numberOption(args, "budget", { min: 0.000001 });
  const taskBudgetUsd = numberOption(args, "task-budget", { min: 0.000001 });
  const model = textOption(args, "model");
  const agentsDir = textOption(args, "agents-dir");
  const tools = textOption(args, "tools");
  const workspace = textOption(args, "workspace");
  const executor = textOption(args, "executor");
  const autoApprove = approvalsFrom(args);
  const ask = askFrom(args);
  const deadline = deadlineFrom(args);
  return {
    ...(parallel !== undefined && { parallel }),
    ...(batch !== undefined && { batch }),
    ...(profile && { profile }),
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(taskBudgetUsd !== undefined && { taskBudgetUsd }),
    ...(args.options["no-escalation"] && { escalation: false }),
    ...(model !== undefined && { model }),
    ...(agentsDir !== undefined && { agentsDir: resolve(agentsDir) }),
    ...(tools !== undefined && { tools: resolve(tools) }),
    ...(workspace !== undefined && { workspace: resolve(workspace) }),
    ...(executor && { executor }),
    ...(autoApprove && { autoApprove }),
    ...(ask && { ask }),
    ...(deadline && { deadline }),
    ...(args.options["no-synthesis"] && { synthesis: false }),
  };
}

function profileFrom(args: Arguments): ThreadOptions["profile"] {
  const name = textOption(args, "profile");
  if (name === undefined || name === "conservative") return name;
  throw new UsageError(`--profile must be conservative, not "${name}".`);
}

function approvalsFrom(args: Arguments): ApprovalKind[] | undefined {
  const value = args.options["auto-approve"];
  if (value === undefined) return undefined;
  if (value === true) return [...APPROVAL_KINDS];
  return value.split(",").map((word) => {
    const kind = APPROVAL_KINDS.find((known) => known === word.trim());
    if (kind) return kind;
    throw new UsageError(
      `--auto-approve takes ${APPROVAL_KINDS.join(", ")}, not "${word.trim()}": budgets and failures are always asked.`,
    );
  });
}

/**
 * What was asked for: the words of the command line, or a file, or standard input.
 *
 * @throws UsageError when there are two, or the file cannot be read.
 */
export async function inputFrom(args: Arguments, stdin: NodeJS.ReadableStream): Promise<string> {
  const typed = args.positionals.slice(1).join(" ").trim();
  const file = textOption(args, "input-file");
  if (file === undefined) return typed;
  if (typed !== "")
    throw new UsageError("Give the input on the command line or with --input-file, not both.");
  return (file === "-" ? await readStream(stdin) : await readText(file)).trim();
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${messageOf(error)}.`);
  }
}

/** A JSON file. @throws UsageError when it cannot be read or is not JSON. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readText(file);
  return parseJson(text, `The file ${file}`);
}

/** @param what - the sentence's subject: where the text came from. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what} is not valid JSON: ${messageOf(error)}.`);
  }
}
