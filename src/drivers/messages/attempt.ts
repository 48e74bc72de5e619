import { taskTurn } from "../../attempts/agent-prompt.ts";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import type { AttemptEnd } from "../../attempts/driver.ts";
import { AS_JSON, failed, isProse, judgeAnswer } from "../../attempts/judge-answer.ts";
import { callsIn } from "../../attempts/tool-blocks.ts";
import { answerToolCalls } from "../../attempts/tool-loop.ts";
import { purposeOf } from "../../attempts/turn-purpose.ts";
import { validateResult } from "../../attempts/validate.ts";
import { openConversation } from "../../calls/opening.ts";
import type { TurnPurpose } from "../../calls/purpose.ts";
import { echoable } from "../../calls/tool-input.ts";
import type { ConversationMessage, TurnResponse } from "../../calls/transport.ts";
import { buyTurn } from "../../calls/turn.ts";
import { AGENT_RESULT_JSON_SCHEMA } from "../../domain/agent-result.ts";
import type { Model } from "../../domain/model.ts";
import { commitCall } from "../../postgres/claude-calls/ledger.ts";
import { type AttemptTools, openTools } from "./attempt-tools.ts";

/** The most turns of one attempt, unless the agent's file says otherwise. Each one is in the journal. */
const MAX_TURNS = 50;

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
  const { claude, memory, onText } = context;
  const { threadId, executionId, taskId, agent, hasHistory } = request;
  const start = purposeOf(request, context, { agent: agent.name, model: wanted, attempt, turn: 1 });
  const given = taskTurn(request, AGENT_RESULT_JSON_SCHEMA, definitions);
  const { content, model } = await openConversation(claude, given, { ...start, mayReplay: hasHistory });
  context.onOpen(model);
  const continued: ConversationMessage[] = [];
  const last = lastTurn(request, context);
  let hasAskedAgain = false;
  const maxTurns = agent.settings.maxTurns ?? MAX_TURNS;
  for (let turn = 1; turn <= maxTurns; turn++) {
    memory.exceeded.throwIfAborted(); // Pays no more for a failed attempt.
    const turnContent = { ...content, ...(continued.length > 0 && { continued: [...continued] }) };
    const by = { agent: agent.name, model, attempt, turn };
    const { response, callId } = await buyTurn(claude, turnContent, {
      ...purposeOf(request, context, by),
      mayReplay: hasHistory,
      commit: last.commit,
      ...(onText && { onText }),
    });
    const asksAgain = !hasAskedAgain && turn < maxTurns && isLast(response) && isProse(response);
    if (isLast(response) && !asksAgain) {
      return validated(request, context, last.judge(response), attempt, turn + 1);
    }
    continued.push({ role: "assistant", content: response.content });
    if (asksAgain) {
      hasAskedAgain = true;
      continued.push({ role: "user", content: AS_JSON });
    } else if (callsIn(response).length > 0) {
      const key = { threadId, executionId, taskId, attempt, turn, callId };
      continued.push(await answerToolCalls(loop, key, response));
    }
  }
  return failed("invalid-output", `There was no answer after ${maxTurns} turns.`, null);
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

/**
 * Judges the answer, once, and commits it. When no validator has to decide, it commits the answer and the result together.
 */
function lastTurn({ validate }: AgentRequest, { claude, commitLast }: AttemptContext) {
  const judged = new Map<TurnResponse, AttemptEnd>();
  const judge = (response: TurnResponse) => {
    const end = judged.get(response) ?? judgeAnswer(response, claude.maxTokens);
    judged.set(response, end);
    return end;
  };
  const commit: TurnPurpose["commit"] = async (call, response) => {
    const end = isLast(response) ? judge(response) : undefined;
    await (end?.isDone ? commitLast(end.result, call) : commitCall(claude.database, call));
  };
  return { commit: validate ? undefined : commit, judge };
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
