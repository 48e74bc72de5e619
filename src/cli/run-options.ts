import { resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { MAX_PARALLEL } from "../domain/config.ts";
import { messageOf, UsageError } from "../domain/errors.ts";
import { NETWORKS, type ThreadOptions } from "../domain/thread-options.ts";
import { DRIVERS } from "../drivers/drivers.ts";
import { MOST_BYTES, readRegularFile } from "../regular-file.ts";
import { JSON_OPTION, numberOption, textOption } from "./arguments.ts";
import { approvalsFrom, askFrom, deadlineFrom } from "./ask-options.ts";
import type { Arguments, OptionSpecs } from "./cli.ts";

export const RUN_OPTIONS = {
  "input-file": { value: "F", help: "read the input from file F; - is standard input" },
  plan: { value: "F", help: "run the plan in JSON file F; no planner" },
  "agents-dir": { value: "D", help: "also load agents from folder D" },
  tools: { value: "F", help: "load your own tools from TypeScript file F" },
  workspace: { value: "DIR", help: "let tools work in this folder; default: a new one for each thread" },
  network: { value: "NAME", help: "give agents' commands a network: none (default) or shared" },
  thread: { value: "ID", help: "use this UUID as the thread's id, or continue that thread" },
  parallel: { value: "N", help: `run N agents in parallel, 1 to ${MAX_PARALLEL}` },
  batch: { value: "N", help: "run N tasks, wait for all of them, then run the next N" },
  profile: { value: "NAME", help: "conservative: two agents in parallel, started five minutes apart" },
  budget: { value: "USD", help: "limit the cost of the thread" },
  "task-budget": { value: "USD", help: "limit the cost of each task" },
  executor: {
    value: "NAME",
    help: `run all agents with ${DRIVERS.map(({ name }) => name).join(", ")} or simulated`,
  },
  model: { value: "ALIAS", help: "use one model for all agents: haiku, sonnet, opus or a full id" },
  "no-escalation": { help: "do not retry failed tasks on a stronger model" },
  "no-synthesis": { help: "do not join the results into one answer" },
  "auto-approve": {
    value: "KINDS",
    optional: true,
    help: "approve plan, tool or result without asking; default: all three",
  },
  ask: {
    value: "KINDS",
    help: "ask me about plan, tool, result or question; also plan=never, tool=writes",
  },
  deadline: { value: "T=A", help: "answer for me after a time: 30m=approve or 2h=reject" },
  "trust-servers": { help: "approve the MCP servers of the run's agents without asking" },
  json: JSON_OPTION,
} as const satisfies OptionSpecs;

/** The options of a thread from those of the command line. */
export function threadOptionsFrom(args: Arguments): ThreadOptions {
  const folder = (name: string) => {
    const given = textOption(args, name);
    return given === undefined ? undefined : resolve(given);
  };
  return given<ThreadOptions>({
    parallel: numberOption(args, "parallel", { min: 1, max: MAX_PARALLEL, whole: true }),
    batch: numberOption(args, "batch", { min: 1, whole: true }),
    profile: profileFrom(args),
    budgetUsd: numberOption(args, "budget", { min: 0.000001 }),
    taskBudgetUsd: numberOption(args, "task-budget", { min: 0.000001 }),
    escalation: args.options["no-escalation"] ? false : undefined,
    model: textOption(args, "model"),
    agentsDir: folder("agents-dir"),
    tools: folder("tools"),
    workspace: folder("workspace"),
    executor: textOption(args, "executor") || undefined,
    network: networkFrom(args),
    autoApprove: approvalsFrom(args),
    ask: askFrom(args),
    deadline: deadlineFrom(args),
    synthesis: args.options["no-synthesis"] ? false : undefined,
  });
}

/** The options that have a value. */
function given<Options extends object>(
  all: { readonly [Name in keyof Options]: Options[Name] | undefined },
): Options {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Options;
}

function profileFrom(args: Arguments): ThreadOptions["profile"] {
  const name = textOption(args, "profile");
  if (name === undefined || name === "conservative") return name;
  throw new UsageError(`--profile must be conservative, not "${name}".`);
}

function networkFrom(args: Arguments): ThreadOptions["network"] {
  const name = textOption(args, "network");
  const network = NETWORKS.find((one) => one === name);
  if (name === undefined || network !== undefined) return network;
  throw new UsageError(`--network must be ${NETWORKS.join(" or ")}, not "${name}".`);
}

/**
 * The input: from the command line, a file or standard input.
 *
 * @throws UsageError for two inputs, or a file that cannot be read.
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
    return await readRegularFile(file, MOST_BYTES.input);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UsageError(
      isMissing
        ? `The file ${file} does not exist.`
        : `The file ${file} cannot be read: ${messageOf(error)}.`,
    );
  }
}

/** A JSON file. @throws UsageError when it cannot be read or is not JSON. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readText(file);
  return parseJson(text, `The file ${file}`);
}

/** @param what - the source of the text: the subject of the error. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what} is not valid JSON: ${messageOf(error)}.`);
  }
}
