import { inputProblem } from "../calls/tool-input.ts";
import { type Decision, parseDecision } from "../domain/decision.ts";
import type { ToolCall } from "../domain/tool-call.ts";
import type { NewToolCall, ToolCallEnd } from "../postgres/tool-calls.ts";
import { ASK_HUMAN } from "../tools/ask-human.ts";
import { brokenPromise } from "../tools/place.ts";
import type { JudgedCall } from "../tools/rules/rule-kind.ts";
import type { Tool } from "../tools/tool.ts";
import type { Shown } from "./tool-blocks.ts";

/** The tools of an attempt, and what decides about their calls. */
export interface ToolRules {
  readonly tools: readonly Tool[];
  /** Whether a human must allow each call of this tool. */
  readonly mustAsk: (tool: Tool) => boolean;
  /** Why the agent's rules forbid a call; undefined when they do not. They count for a human's changes too. */
  readonly whyForbidden: (call: JudgedCall) => string | undefined;
  /** Whether processes run in a sandbox. */
  readonly isSandboxed: boolean;
}

/** The next step for a call. */
export type Step =
  | { readonly kind: "known"; readonly end: Shown }
  | { readonly kind: "ask" }
  | { readonly kind: "run"; readonly input: unknown; readonly note: string }
  | { readonly kind: "end"; readonly end: Omit<ToolCallEnd, "shown"> };

/**
 * @param known - the call's record, if there is one.
 * @param isTurnCut - whether the turn was cut off in one of its calls, so that none of them runs.
 */
export function nextToolStep(
  { tools, mustAsk, whyForbidden, isSandboxed }: ToolRules,
  call: NewToolCall,
  known: ToolCall | undefined,
  isTurnCut = false,
): Step {
  if (known && known.shown !== null) {
    return { kind: "known", end: { shown: known.shown, isError: known.isError } };
  }
  const tool = tools.find(({ name }) => name === call.name);
  if (!tool) return failed(noSuchTool(call.name, tools));
  const problem = inputProblem(call.input);
  if (isTurnCut) return failed(TURN_CUT);
  if (problem !== undefined) return failed(problem);
  if (known?.status === "running" && tool.effect === "writes") return failed(INTERRUPTED);
  const decided = known && stepDecided(call, known, isSandboxed);
  if (decided && decided.kind !== "run") return decided;
  const forbidden = whyForbidden({ tool: call.name, input: decided?.input ?? call.input });
  if (forbidden !== undefined) return failed(forbidden);
  if (decided) return decided;
  const isRunning = known?.status === "running"; // It was allowed before.
  return !isRunning && mustAsk(tool) ? { kind: "ask" } : { kind: "run", input: call.input, note: "" };
}

/** The step that a human decided on, if one has. */
function stepDecided(
  call: NewToolCall,
  { status, decision }: ToolCall,
  isSandboxed: boolean,
): Step | undefined {
  if (status !== "asked" || decision === null) return undefined;
  const broken = brokenPromise(decision, isSandboxed);
  if (broken !== undefined) return failed(broken);
  return stepFor(parseDecision(decision, call.toolUseId), call);
}

/** The result of each call in a turn that was cut off. */
const TURN_CUT =
  "Nothing of this turn ran, because it was cut off in a call: it had no more room. Do it in smaller parts, one call in each turn.";

/** The result, for the model, of a write that was interrupted while it ran. */
export const INTERRUPTED =
  "This call was interrupted: it may have taken effect, in part or in whole, or not. See what is the case before you repeat it.";

function stepFor(decision: Decision, call: NewToolCall): Step {
  switch (decision.type) {
    case "approve":
      return { kind: "run", input: call.input, note: "" };
    case "edit":
      return {
        kind: "run",
        input: decision.args,
        note: `A human changed the input to ${JSON.stringify(decision.args)}.\n\n`,
      };
    case "reject":
      return {
        kind: "end",
        end: {
          status: "rejected",
          isError: true,
          result: `${call.name === ASK_HUMAN ? NO_ANSWER : NOT_ALLOWED}${decision.message ? `: ${decision.message}` : "."}`,
        },
      };
    case "respond":
      return { kind: "end", end: { status: "done", result: decision.message, isError: false } };
  }
}

const NOT_ALLOWED = "A human did not allow this call";
const NO_ANSWER = "No human answers that; say what you assume, and go on";

function failed(result: string): Step {
  return { kind: "end", end: { status: "failed", result, isError: true } };
}

function noSuchTool(name: string, tools: readonly Tool[]): string {
  return `There is no tool "${name}". There is ${tools.map((tool) => tool.name).join(", ") || "none"}.`;
}
