import { isCutTurn } from "../calls/answer.ts";
import { stoppedError } from "../calls/call-error.ts";
import type { ConversationMessage, TurnResponse } from "../calls/transport.ts";
import { MemoryExceededError, messageOf } from "../domain/errors.ts";
import { type Json, plainJson, storable } from "../domain/json.ts";
import type { Database } from "../postgres/database.ts";
import {
  type AskingCall,
  askForToolCalls,
  beginToolCall,
  endToolCall,
  type NewToolCall,
  placeName,
  type ToolCallEnd,
  toolCallsOf,
} from "../postgres/tool-calls.ts";
import type { Tool } from "../tools/tool.ts";
import { askAbout } from "./awaits-human.ts";
import { callsIn, resultBlock, type Shown } from "./tool-blocks.ts";
import { boundedResult } from "./tool-result.ts";
import { nextToolStep, type Step, type ToolRules } from "./tool-step.ts";

/** Called for each call that runs. */
export interface ToolUpdate {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  /** Undefined at the start. */
  readonly end?: { readonly isError: boolean; readonly content: string };
}

/** Everything that the calls of an attempt need. */
export interface ToolLoop extends ToolRules {
  readonly database: Database;
  /** Runs a tool for the agent. */
  readonly run: (tool: Tool, input: unknown) => Promise<{ content: string; isError: boolean }>;
  /** False when certainly no calls are recorded. */
  readonly mayReplay: boolean;
  readonly signal: AbortSignal;
  readonly onTool?: (event: ToolUpdate) => void;
}

/**
 * Gets the results of all calls in a response. Takes recorded results and runs the other calls: neighbouring reads in
 * parallel, writes one after another. Records each result before anything else happens.
 *
 * @returns the message for the model, with the results in the order of the calls.
 * @throws AwaitsHumanError when a human must decide about some calls; all others are done by then.
 * @throws CallError of kind `aborted` when the run is stopped; MemoryExceededError.
 */
export async function answerToolCalls(
  loop: ToolLoop,
  turn: AskingCall,
  response: TurnResponse,
): Promise<ConversationMessage> {
  const calls = callsIn(response);
  const recorded = loop.mayReplay ? await toolCallsOf(loop.database, turn) : [];
  const known = new Map(recorded.map((call) => [call.position, call]));
  const isCut = isCutTurn(response);
  const steps = calls.map((call) => ({
    call,
    step: nextToolStep(loop, call, known.get(call.position), isCut),
  }));
  const asked = steps.filter(({ step }) => step.kind === "ask").map(({ call }) => call);
  if (asked.length > 0) await askForToolCalls(loop.database, turn, asked);
  const ends = new Map<number, Shown>();
  for (const group of sideBySide(loop, steps)) {
    if (loop.signal.aborted) throw stoppedError();
    const taken = group.map(async ({ call, step }) => {
      const end = await take(loop, turn, call, step);
      if (end) ends.set(call.position, end);
    });
    const broken = (await Promise.allSettled(taken)).find((one) => one.status === "rejected");
    if (broken) throw broken.reason; // Only after all others are over, because nothing of an attempt may outlive it.
  }
  if (asked.length > 0) throw askAbout(asked, turn);
  return { role: "user", content: calls.map((call) => resultBlock(call, ends.get(call.position))) };
}

type Planned = { readonly call: NewToolCall; readonly step: Step };

/** The calls in their order, in groups that may run in parallel: only reads share a group. */
function sideBySide({ tools }: ToolLoop, planned: readonly Planned[]): Planned[][] {
  const writing = new Set(tools.filter((tool) => tool.effect === "writes").map((tool) => tool.name));
  const groups: Planned[][] = [];
  let isOpen = false;
  for (const one of planned) {
    const isAlone = one.step.kind === "run" && writing.has(one.call.name);
    if (isOpen && !isAlone) groups.at(-1)?.push(one);
    else groups.push([one]);
    isOpen = !isAlone;
  }
  return groups;
}

async function take(
  loop: ToolLoop,
  turn: AskingCall,
  call: NewToolCall,
  step: Step,
): Promise<Shown | undefined> {
  if (step.kind === "ask") return undefined;
  if (step.kind === "known") return step.end;
  await beginToolCall(loop.database, turn, call);
  if (step.kind === "end") return record(loop, turn, call, step.end);
  const tool = loop.tools.find(({ name }) => name === call.name);
  if (!tool) throw new Error(`Tool "${call.name}" is gone.`);
  loop.onTool?.({ id: call.toolUseId, name: call.name, input: plainJson(step.input) });
  const { content, isError } = await runTool(loop, tool, step.input);
  return record(loop, turn, call, {
    status: isError ? "failed" : "done",
    isError,
    result: `${step.note}${content}`,
  });
}

/** Runs a tool. Its exception is a result for the model, unless the run is stopped or the memory limit is exceeded. */
async function runTool(loop: ToolLoop, tool: Tool, input: unknown) {
  try {
    const output = await loop.run(tool, input);
    if (output.isError) loop.signal.throwIfAborted(); // It was killed and is not done.
    return output;
  } catch (error) {
    if (loop.signal.aborted) throw stoppedError();
    if (error instanceof MemoryExceededError) throw error;
    return { content: `${tool.name} failed: ${messageOf(error)}`, isError: true };
  }
}

async function record(
  loop: ToolLoop,
  turn: AskingCall,
  call: NewToolCall,
  { status, result, isError }: Omit<ToolCallEnd, "shown">,
): Promise<Shown> {
  const end = { status, isError, ...boundedResult(placeName(turn, call.position), storable(result)) };
  await endToolCall(loop.database, turn, call.position, end);
  const shown = end.shown ?? end.result;
  loop.onTool?.({ id: call.toolUseId, name: call.name, input: call.input, end: { isError, content: shown } });
  return { shown, isError };
}
