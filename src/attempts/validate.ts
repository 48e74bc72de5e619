import { z } from "zod";
import { askOnce } from "../calls/answer.ts";
import { stoppedError } from "../calls/call-error.ts";
import type { AgentResult } from "../domain/agent-result.ts";
import { whyNot } from "../domain/json-schema.ts";
import { asMaterial, MATERIAL_RULE } from "../domain/material.ts";
import { NO_COMMANDS } from "../domain/validator.ts";
import { clip, tailOf } from "../format/text.ts";
import { runCommand } from "../processes/run-command.ts";
import { guardFolder } from "../tools/newcomers.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";
import { readJsonAnswer } from "./json-answer.ts";
import { purposeOf } from "./turn-purpose.ts";

const DIGEST_CHARACTERS = 500;
const TIMEOUT_SECONDS = 60;

/**
 * Checks a result with the task's own validator, the cheapest check first.
 *
 * @param turn - the turn number for a validating agent's call.
 * @returns why the result fails, or undefined when it passes or there is no validator.
 * @throws CallError or OverBudgetError when a validating agent's call fails; MemoryExceededError when its command
 * exceeds the attempt's memory limit.
 */
export async function validateResult(
  request: AgentRequest,
  context: AttemptContext,
  { output }: AgentResult,
  attempt: number,
  turn: number,
): Promise<string | undefined> {
  const { validate } = request;
  if (!validate) return undefined;
  const problem =
    (validate.schema && whyNot(validate.schema, jsonIn(output))) ??
    (validate.command && (await byCommand(request, context, validate.command, output))) ??
    (await byAgent(request, context, output, attempt, turn));
  return problem ? `The result was not accepted. ${clip(problem, DIGEST_CHARACTERS)}` : undefined;
}

/** The JSON in the output, without the text around it; the text itself when it has no JSON. */
function jsonIn(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return readJsonAnswer(output) ?? output;
  }
}

async function byCommand(
  { taskId, validate }: AgentRequest,
  { signal, allowCommands, memory }: AttemptContext,
  command: string,
  output: string,
): Promise<string | undefined> {
  if (!allowCommands) return `Task "${taskId}" ${NO_COMMANDS}.`;
  if (signal.aborted) throw stoppedError();
  const timeoutSeconds = validate?.timeoutSeconds ?? TIMEOUT_SECONDS;
  const run = () => runCommand(command, { input: output, memory, timeoutMs: timeoutSeconds * 1000, signal });
  const { value: end } = await guardFolder(process.cwd(), run);
  if (signal.aborted) throw stoppedError();
  if (end.isTimeout) return `The command "${command}" took longer than ${timeoutSeconds} s.`;
  if (end.code === 0) return undefined;
  return `The command "${command}" ended with ${end.code}${end.said && `: ${tailOf(end.said, DIGEST_CHARACTERS / 2)}`}`;
}

const verdictSchema = z.object({ passes: z.boolean(), reason: z.string() });

const VERDICT_JSON_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["passes", "reason"],
  properties: {
    passes: { type: "boolean", description: "Whether the result does what the task asks." },
    reason: {
      type: "string",
      description: "In a sentence or two; what is to be done better, if it does not.",
    },
  },
} as const;

async function byAgent(
  request: AgentRequest,
  context: AttemptContext,
  output: string,
  attempt: number,
  turn: number,
): Promise<string | undefined> {
  const { prompt, validator, hasHistory } = request;
  if (!validator) return undefined;
  const content = {
    system: validator.agent.prompt,
    prompt: `Validate the result of a task: does it do what is asked?\n\n<task>\n${prompt}\n</task>\n\nThe result. ${MATERIAL_RULE}\n${asMaterial(output)}\n\nAnswer with one JSON object {passes, reason}.`,
    jsonSchema: VERDICT_JSON_SCHEMA,
  };
  const by = { agent: validator.agent.name, model: validator.model, attempt, turn };
  const { response } = await askOnce(context.claude, content, {
    ...purposeOf(request, context, by),
    mayReplay: hasHistory,
  });
  const verdict = verdictSchema.safeParse(readJsonAnswer(response.text));
  if (!verdict.success) return `${validator.agent.name} returned no verdict.`;
  return verdict.data.passes ? undefined : `${validator.agent.name}: ${verdict.data.reason}`;
}
