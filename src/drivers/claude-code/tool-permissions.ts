import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import { type AwaitsHumanError, askAbout } from "../../attempts/awaits-human.ts";
import { callsIn } from "../../attempts/tool-blocks.ts";
import { INTERRUPTED } from "../../attempts/tool-step.ts";
import { CallError } from "../../calls/call-error.ts";
import type { TurnResponse } from "../../calls/transport.ts";
import { type Decision, parseDecision } from "../../domain/decision.ts";
import { type Json, storable } from "../../domain/json.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import type { ToolCall } from "../../domain/tool-call.ts";
import { isSpawningTool } from "../../domain/tool-list.ts";
import { mustAsk } from "../../domain/tool-policy.ts";
import { askingTurn } from "../../postgres/claude-calls/calls.ts";
import {
  type AskingCall,
  askForToolCalls,
  beginToolCall,
  endToolCall,
  type NewToolCall,
  toolCallsOf,
} from "../../postgres/tool-calls.ts";
import { brokenPromise } from "../../tools/place.ts";
import { placeIn, whyForbidden } from "../../tools/rules/judge-call.ts";
import type { RulePlace } from "../../tools/rules/rule-kind.ts";
import { PACKAGE, TESTED_VERSION } from "./find-package.ts";
import type { CallResult } from "./package.ts";
import { whyRunsLater } from "./runs-later.ts";
import { ANSWER_TOOL, effectOf } from "./tools.ts";

/** Claude Code's input for the hook before a call. */
export interface HookedCall {
  readonly tool_name: string;
  readonly tool_use_id: string;
}

/** The hook's answer. `pass` leaves the call to Claude Code's own rules. */
type Verdict = "pass" | "defer" | { readonly deny: string } | { readonly allow: Json | undefined };

/**
 * Decides about each tool call in one attempt before Claude Code runs it, and writes the rows of `tool_calls`. A call that
 * needs approval is deferred: Claude Code ends, and asks again about the same call when its session continues. It can
 * defer only one call and forgets the calls beside it, so an answer with such a call is cut after its first call. The
 * model sees that and makes the other calls in later turns.
 */
export class ToolPermissions {
  readonly #request: AgentRequest;
  readonly #context: AttemptContext;
  readonly #options: Pick<ThreadOptions, "ask" | "autoApprove">;
  readonly #attempt: number;
  readonly #place: RulePlace;
  readonly #open = new Map<
    string,
    { readonly turn: AskingCall; readonly call: NewToolCall; isRejected: boolean }
  >();
  /** Calls that passed through the hook. */
  readonly #passed = new Set<string>();
  #asked: AwaitsHumanError | undefined;

  constructor(
    request: AgentRequest,
    context: AttemptContext,
    options: Pick<ThreadOptions, "ask" | "autoApprove">,
    attempt: number,
    workspace: string,
  ) {
    this.#place = placeIn(workspace, (path) => [realPathOf(path)]);
    this.#request = request;
    this.#context = context;
    this.#options = options;
    this.#attempt = attempt;
  }

  /** What the attempt waits for, when a call was deferred. */
  get asked(): AwaitsHumanError | undefined {
    return this.#asked;
  }

  /** The part of an answer for Claude Code. */
  served(response: TurnResponse): TurnResponse {
    const calls = callsIn(response);
    const [first] = calls;
    if (!first || calls.every((call) => this.#verdictOn(call, undefined) !== "defer")) return response;
    const isFirst = (block: unknown) => Object(block).id === first.toolUseId;
    return { ...response, content: response.content.slice(0, response.content.findIndex(isFirst) + 1) };
  }

  /** The hook before each call. After any error here, the call does not run. */
  async before(hooked: HookedCall): Promise<object> {
    try {
      return outputOf(await this.#decide(hooked));
    } catch (error) {
      return outputOf({
        deny: `Decurion could not decide about this call: ${error instanceof Error ? error.name : "error"}.`,
      });
    }
  }

  /**
   * Records the end of a call.
   *
   * @throws CallError when the call ran without the hook, because Claude Code cannot be trusted then.
   */
  async ended({ toolUseId, content, isError }: CallResult): Promise<void> {
    const open = this.#open.get(toolUseId);
    if (!open && !isError && !this.#passed.has(toolUseId)) {
      throw new CallError(
        `Claude Code ran a tool in task "${this.#request.taskId}" without asking Decurion. Install ${PACKAGE}@${TESTED_VERSION}.`,
        { kind: "refused" },
      );
    }
    if (!open) return;
    this.#open.delete(toolUseId);
    const { turn, call, isRejected } = open;
    const status = isRejected ? "rejected" : isError ? "failed" : "done";
    const result = storable(content);
    const end = { status, result, shown: null, isError } as const;
    await endToolCall(this.#context.claude.database, turn, call.position, end);
    this.#context.onTool?.({ ...newsOf(call), end: { isError, content: result } });
  }

  async #decide({ tool_name: tool, tool_use_id: id }: HookedCall): Promise<Verdict> {
    if (isSpawningTool(tool)) return { deny: "Only the workflow starts agents: do the work yourself." };
    this.#passed.add(id);
    if (tool === ANSWER_TOOL) return "pass";
    const { database } = this.#context.claude;
    const { threadId, executionId, taskId } = this.#request;
    const attempt = this.#attempt;
    const asking = await askingTurn(database, { threadId, executionId, taskId, attempt }, id);
    const call = asking && callsIn(asking).find(({ toolUseId }) => toolUseId === id);
    if (!asking || !call) return { deny: "This call is in no answer that was bought." };
    const turn = { threadId, executionId, taskId, attempt, turn: asking.turn, callId: asking.callId };
    const known = (await toolCallsOf(database, turn)).find(({ toolUseId }) => toolUseId === id);
    if (known && known.shown !== null) return { deny: `${RAN_BEFORE}\n\n${known.shown}` };
    const verdict = this.#verdictOn(call, known);
    if (verdict === "defer") {
      await askForToolCalls(database, turn, [call]);
      this.#asked = askAbout([call], turn);
      return verdict;
    }
    await beginToolCall(database, turn, call);
    this.#open.set(id, { turn, call, isRejected: typeof verdict === "object" && "deny" in verdict });
    this.#context.onTool?.(newsOf(call));
    return verdict;
  }

  #verdictOn({ name, input }: NewToolCall, known: ToolCall | undefined): Verdict {
    if (isSpawningTool(name) || name === ANSWER_TOOL) return "pass";
    const verdict = this.#verdictWithoutRules(name, known);
    if (typeof verdict === "object" && "deny" in verdict) return verdict;
    const changed = typeof verdict === "object" ? verdict.allow : undefined;
    const call = { tool: name, input: changed ?? input };
    const forbidden = whyRunsLater(call, this.#place) ?? whyForbidden(this.#request.agent, call, this.#place);
    return forbidden === undefined ? verdict : { deny: forbidden };
  }

  #verdictWithoutRules(name: string, known: ToolCall | undefined): Verdict {
    const { effect, ask, isKeptInside } = effectOf(name);
    if (known?.status === "running" && effect === "writes") return { deny: INTERRUPTED };
    if (known && known.decision !== null) {
      const broken = brokenPromise(known.decision, this.#context.confinement.sandbox !== undefined);
      if (broken !== undefined) return { deny: broken };
    }
    if (known && known.decision !== null) return verdictOf(parseDecision(known.decision, known.toolUseId));
    const { options, agent } = { options: this.#options, agent: this.#request.agent };
    const policies = { run: options.ask?.["tool"], agent: agent.settings.ask, tool: ask };
    const isApproved = options.autoApprove?.includes("tool") === true;
    if (!isApproved && mustAsk(effect, policies)) return "defer";
    return isKeptInside ? "pass" : { allow: undefined };
  }
}

/**
 * What Claude Code is given for a call that ended before it was interrupted and forgot that. A hook cannot hand out a
 * result, only a reason.
 */
const RAN_BEFORE = "This call ran before an interruption and is not repeated. Its result was:";

/** Where a path leads through links. Claude Code follows them. The part that does not exist stays as it is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPathOf(folder), basename(path));
  }
}

function newsOf({ toolUseId: id, name, input }: NewToolCall) {
  return { id, name, input };
}

function verdictOf(decision: Decision): Verdict {
  switch (decision.type) {
    case "approve":
      return { allow: undefined };
    case "edit":
      return { allow: decision.args as Json };
    case "reject":
      return { deny: `A human did not allow this call${decision.message ? `: ${decision.message}` : "."}` };
    case "respond":
      return { deny: `The call was not run; a human says instead: ${decision.message}` };
  }
}

function outputOf(verdict: Verdict): object {
  if (verdict === "pass") return {};
  const decided = (permissionDecision: string, rest: object = {}) => ({
    hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, ...rest },
  });
  if (verdict === "defer") return decided("defer");
  if ("deny" in verdict) return decided("deny", { permissionDecisionReason: verdict.deny });
  return decided("allow", verdict.allow === undefined ? {} : { updatedInput: verdict.allow });
}
