import { stoppedError } from "../calls/call-error.ts";
import type { ConversationMessage, TurnResponse } from "../calls/transport.ts";
import { MemoryExceededError, messageOf } from "../domain/errors.ts";
import { type Json, plainJson } from "../domain/json.ts";
import type { Database } from "../postgres/database.ts";
import {
  askForToolCalls,
  beginToolCall,
  endToolCall,
  type NewToolCall,
  type ToolCallEnd,
  type ToolTurn,
  toolCallsOf,
} from "../postgres/tool-calls.ts";
import type { AgentTools } from "../tools/agent-tools.ts";
import type { Tool } from "../tools/tool.ts";
import { askAbout } from "./awaits-human.ts";
import { callsIn, resultBlock, type Shown } from "./tool-blocks.ts";
import { boundedResult } from "./tool-result.ts";
import { nextToolStep, type Step } from "./tool-step.ts";

/** Told of each call that is run. */
export interface ToolUpdate {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  /** Undefined when it begins. */
  readonly end?: { readonly isError: boolean; readonly content: string };
}

/** All that the calls of an attempt's turns are run with. */
export interface ToolLoop {
  readonly database: Database;
  readonly tools: readonly Tool[];
  readonly mustAsk: AgentTools["mustAsk"];
  /** Runs a tool on behalf of the agent. */
  readonly run: (tool: Tool, input: unknown) => Promise<{ content: string; isError: boolean }>;
  /** False when it is known that no calls are recorded. */
  readonly mayReplay: boolean;
  readonly signal: AbortSignal;
  readonly onTool?: (event: ToolUpdate) => void;
}

/**
 * Has the results of all calls that a response asks for: recorded ones as they are, the others by running them, reads
 * that stand side by side at once and writes one after another. Each result is recorded before anything else is done.
 *
 * @returns the message which goes back to the model, the results in the order of the calls.
 * @throws AwaitsHumanError when a human must decide about some of them; all others are done by then.
 * @throws CallError of kind `aborted` when told to stop; MemoryExceededError.
 */
export async function answerToolCalls(
  loop: ToolLoop,
  turn: ToolTurn,
  response: TurnResponse,
): Promise<ConversationMessage> {
  const calls = callsIn(response);
  const recorded = loop.mayReplay ? await toolCallsOf(loop.database, turn) : [];
  const known = new Map(recorded.map((call) => [call.toolUseId, call]));
  const steps = calls.map((call) => ({ call, step: nextToolStep(loop, call, known.get(call.toolUseId)) }));
  const asked = steps.filter(({ step }) => step.kind === "ask").map(({ call }) => call);
  if (asked.length > 0) await askForToolCalls(loop.database, turn, asked);
  const ends = new Map<string, Shown>();
  for (const group of sideBySide(loop, steps)) {
    if (loop.signal.aborted) throw stoppedError();
    const taken = group.map(async ({ call, step }) => {
      const end = await take(loop, turn, call, step);
      if (end) ends.set(call.toolUseId, end);
    });
    const broken = (await Promise.allSettled(taken)).find((one) => one.status === "rejected");
    if (broken) throw broken.reason; // When the others are over, too: nothing of an attempt outlives it.
  }
  if (asked.length > 0) throw askAbout(asked, turn);
  return { role: "user", content: calls.map((call) => resultBlock(call, ends.get(call.toolUseId))) };
}

type Planned = { readonly call: NewToolCall; readonly step: Step };

/** The calls in their order, in groups that may be run at once: only reads share one. */
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
  turn: ToolTurn,
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

/** A tool that throws broke, and says so to the model; unless it was told to stop, or there is no more memory. */
async function runTool(loop: ToolLoop, tool: Tool, input: unknown) {
  try {
    const output = await loop.run(tool, input);
    if (output.isError) loop.signal.throwIfAborted(); // It was ended, not done.
    return output;
  } catch (error) {
    if (loop.signal.aborted) throw stoppedError();
    if (error instanceof MemoryExceededError) throw error;
    return { content: `${tool.name} failed: ${messageOf(error)}`, isError: true };
  }
}

async function record(
  loop: ToolLoop,
  turn: ToolTurn,
  call: NewToolCall,
  { status, result, isError }: Omit<ToolCallEnd, "shown">,
): Promise<Shown> {
  const end = { status, isError, ...boundedResult(call.toolUseId, result) };
  const shown = await endToolCall(loop.database, turn, call.toolUseId, end);
  loop.onTool?.({ id: call.toolUseId, name: call.name, input: call.input, end: { isError, content: shown } });
  return { shown, isError };
}
