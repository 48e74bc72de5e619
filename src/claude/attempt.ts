import { AGENT_RESULT_JSON_SCHEMA } from "../core/agent-result.ts";
import type { Model } from "../core/models.ts";
import { taskTurn } from "./agent-prompt.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";
import type { AttemptEnd } from "./attempt-driver.ts";
import { type AttemptTools, openTools } from "./attempt-tools.ts";
import type { ConversationMessage, TurnResponse } from "./driver.ts";
import { failed, judgeAnswer } from "./judge-answer.ts";
import { commitAlone } from "./purchase.ts";
import type { TurnPurpose } from "./purpose.ts";
import { answerToolCalls } from "./tool-loop.ts";
import { buyTurn } from "./turn.ts";
import { validateResult } from "./validate.ts";

/** Turns that one attempt takes at most where the agent's file does not say; each one is in the journal by itself. */
const MAX_TURNS = 50;

/**
 * One try at a task: a conversation of as many turns as the model takes, and what its answer is worth.
 *
 * @throws CallError, OverBudgetError or NestedSpawnError when a turn could not be had; MemoryExceededError; ToolError when
 *   its tools could not be had; AwaitsHumanError when it cannot go on before a human has decided.
 */
export async function attemptTask(
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
): Promise<AttemptEnd> {
  const open = await openTools(request, context);
  try {
    return await converse(request, context, model, attempt, open);
  } finally {
    await open.close();
  }
}

async function converse(
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
  { definitions, loop }: AttemptTools,
): Promise<AttemptEnd> {
  const { claude, signal, memory, onText, onNote } = context;
  const { threadId, executionId, taskId, agent, taskBudgetUsd, hasHistory } = request;
  const content = taskTurn(request, AGENT_RESULT_JSON_SCHEMA, definitions);
  const continued: ConversationMessage[] = [];
  const last = lastTurn(request, context);
  const maxTurns = agent.settings.maxTurns ?? MAX_TURNS;
  for (let turn = 1; turn <= maxTurns; turn++) {
    memory.exceeded.throwIfAborted(); // No more is paid for an attempt that has failed.
    const turnContent = { ...content, ...(continued.length > 0 && { continued: [...continued] }) };
    const { response } = await buyTurn(claude, turnContent, {
      ...{ threadId, phase: "agents", taskId, executionId, agent: agent.name, model, attempt, turn },
      ...{ taskBudgetUsd, mayReplay: hasHistory, signal, commit: last.commit },
      ...(onText && { onText }),
      ...(onNote && { onNote }),
    });
    if (isLast(response)) return validated(request, context, last.judge(response), attempt, turn + 1);
    continued.push({ role: "assistant", content: response.content });
    if (response.stopReason === "tool_use") {
      const key = { threadId, executionId, taskId, attempt, turn };
      continued.push(await answerToolCalls(loop, key, response));
    }
  }
  return failed("invalid-output", `There was no answer after ${maxTurns} turns.`, null);
}

/** The model paused a long turn: sent back as it is, it goes on. */
function isLast({ stopReason }: TurnResponse): boolean {
  return stopReason !== "pause_turn" && stopReason !== "tool_use";
}

/**
 * How the answer is judged, once, and committed: together with being the result where nothing but the answer decides about
 * that.
 */
function lastTurn({ validate }: AgentRequest, { claude, commitLast }: AttemptContext) {
  let judged: AttemptEnd | undefined;
  const commit: TurnPurpose["commit"] = async (call, response) => {
    judged = isLast(response) ? judgeAnswer(response, claude.maxTokens) : undefined;
    await (judged?.isDone ? commitLast(judged.result, call) : commitAlone(claude.database, call));
  };
  return {
    commit: validate ? undefined : commit,
    judge: (response: TurnResponse) => judged ?? judgeAnswer(response, claude.maxTokens),
  };
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
