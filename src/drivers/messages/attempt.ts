import { taskTurn } from "../../attempts/agent-prompt.ts";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import { ASK_AGAIN } from "../../attempts/answer-form.ts";
import type { AttemptEnd } from "../../attempts/driver.ts";
import { failed, judgeAnswer } from "../../attempts/judge-answer.ts";
import { callsIn } from "../../attempts/tool-blocks.ts";
import { answerToolCalls, type ToolLoop } from "../../attempts/tool-loop.ts";
import { purposeOf } from "../../attempts/turn-purpose.ts";
import { validateResult } from "../../attempts/validate.ts";
import { Conversation } from "../../attempts/window.ts";
import { type Answer, buyAnswer } from "../../calls/answer.ts";
import { isPromptTooLong } from "../../calls/classify-error.ts";
import { openConversation } from "../../calls/opening.ts";
import type { TurnPurpose } from "../../calls/purpose.ts";
import { isCutOff, isWindowFull } from "../../calls/stop-reason.ts";
import { echoable } from "../../calls/tool-input.ts";
import type { ConversationMessage, OpeningContent, TurnResponse } from "../../calls/transport.ts";
import type { Model } from "../../domain/model.ts";
import { commitCall } from "../../postgres/claude-calls/ledger.ts";
import type { AskingCall } from "../../postgres/tool-calls.ts";
import { type AttemptTools, openTools } from "./attempt-tools.ts";

/** The most turns of one attempt, unless the agent's file says otherwise. Each one is in the journal. */
const MAX_TURNS = 50;
/** The most turns of one attempt whose tool calls were cut off although they were asked for with more room. */
const MOST_CUT_TURNS = 2;
const CUT_AGAIN = "The agent's tool calls were cut off again and again: they need more room than there is.";

/**
 * One attempt at a task: a conversation with as many turns as the model needs, and the judgement of its answer.
 *
 * @throws CallError, OverBudgetError or NestedSpawnError when a turn fails; MemoryExceededError; ToolError when its tools
 *   are not available; AwaitsHumanError when it must wait for a human's decision.
 */
export async function attemptTask(
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
): Promise<AttemptEnd> {
  const open = await openTools(request, context);
  try {
    return await runConversation(request, context, model, attempt, open);
  } finally {
    await open.close();
  }
}

async function runConversation(
  request: AgentRequest,
  context: AttemptContext,
  wanted: Model,
  attempt: number,
  { definitions, loop }: AttemptTools,
): Promise<AttemptEnd> {
  const { claude, memory } = context;
  const { threadId, executionId, taskId, agent, hasHistory } = request;
  const start = purposeOf(request, context, { agent: agent.name, model: wanted, attempt, turn: 1 });
  const given = taskTurn(request, definitions);
  const { content, model } = await openConversation(claude, given, { ...start, mayReplay: hasHistory });
  context.onOpen(model);
  const { contextWindow } = await claude.service.limits.of(model);
  const conversation = new Conversation(content, contextWindow);
  const maxTurns = agent.settings.maxTurns ?? MAX_TURNS;
  const unusable = { empty: 0, cut: 0 };
  let turn = 1;
  for (let round = 1; round <= maxTurns; round++, turn++) {
    memory.exceeded.throwIfAborted(); // Pays no more for a failed attempt.
    const by = { agent: agent.name, model, attempt, turn };
    const answer = await ask(request, context, { content, conversation, by });
    const { response, callId } = answer;
    turn = answer.turn;
    if (isWindowFull(response.stopReason) && conversation.shorten()) continue;
    const isAskedAgain = isEmpty(answer) && ++unusable.empty === 1 && round < maxTurns;
    if (isLast(response) && !isAskedAgain) {
      return validated(request, context, judge(response), attempt, turn + 1);
    }
    if (answer.isCut && ++unusable.cut > MOST_CUT_TURNS) return failed("max-tokens", CUT_AGAIN, null);
    conversation.add(...answer.before, ...saidIn(response));
    const place = { threadId, executionId, taskId, attempt, turn, callId };
    if (isAskedAgain) conversation.add(ASKED_AGAIN);
    else await answerCalls(loop, place, response, conversation);
  }
  return failed("invalid-output", `There was no answer after ${maxTurns} turns.`, null);
}

const ASKED_AGAIN: ConversationMessage = { role: "user", content: ASK_AGAIN };

/** Adds the results of an answer's calls; a turn that paused has none. */
async function answerCalls(
  loop: ToolLoop,
  place: AskingCall,
  response: TurnResponse,
  conversation: Conversation,
): Promise<void> {
  if (callsIn(response).length === 0) return;
  conversation.addResults(await answerToolCalls(loop, place, response), place);
}

/** An answer as a message. The API takes none that is empty. */
function saidIn({ content }: TurnResponse): ConversationMessage[] {
  return echoable(content).length > 0 ? [{ role: "assistant", content }] : [];
}

/** A turn to ask for: what opened the conversation, what followed, and who asks where. */
interface AskedNow {
  readonly content: OpeningContent;
  readonly conversation: Conversation;
  readonly by: Pick<TurnPurpose, "agent" | "model" | "attempt" | "turn">;
}

/** Gets the next answer. A prompt that is too long for the model is sent again without some of its tool results. */
async function ask(request: AgentRequest, context: AttemptContext, now: AskedNow): Promise<Answer> {
  const { onText, claude } = context;
  const { content, conversation, by } = now;
  const continued = conversation.messages;
  const commit = commitOf(request, context);
  try {
    return await buyAnswer(claude, continued.length > 0 ? { ...content, continued } : content, {
      ...purposeOf(request, context, by),
      mayReplay: request.hasHistory,
      ...(commit && { commit }),
      ...(onText && { onText }),
    });
  } catch (error) {
    if (!isPromptTooLong(error) || !conversation.shorten()) throw error;
    return ask({ ...request, hasHistory: true }, context, now); // Pieces of this answer may be recorded.
  }
}

/**
 * Calls need their results, whatever reason the answer gives for its end; only a refusal is one although it has calls. A
 * paused turn is not the end either: sent back, it continues.
 */
function isLast(response: TurnResponse): boolean {
  const { stopReason, content } = response;
  if (stopReason === "refusal") return true;
  const isPaused = stopReason === "pause_turn" && echoable(content).length > 0;
  return callsIn(response).length === 0 && !isPaused;
}

function isEmpty({ response, isCut }: Answer): boolean {
  const { stopReason, text } = response;
  return isLast(response) && !isCut && stopReason !== "refusal" && text.trim() === "";
}

/** Commits the last answer and the result that it is together, when no validator has to decide. */
function commitOf({ validate }: AgentRequest, { claude, commitLast }: AttemptContext): TurnPurpose["commit"] {
  if (validate) return undefined;
  return async (call, response) => {
    const end = isLast(response) ? judge(response) : undefined;
    await (end?.isDone ? commitLast(end.result, call) : commitCall(claude.database, call));
  };
}

function judge({ stopReason, text }: TurnResponse): AttemptEnd {
  return judgeAnswer({ stopReason, text, isCut: isCutOff(stopReason) });
}

async function validated(
  request: AgentRequest,
  context: AttemptContext,
  end: AttemptEnd,
  attempt: number,
  nextTurn: number,
): Promise<AttemptEnd> {
  if (!end.isDone) return end;
  const problem = await validateResult(request, context, end.result, attempt, nextTurn);
  return problem === undefined ? end : failed("validation", problem, end.result);
}
