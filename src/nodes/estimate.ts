import { CONTEXT_CHARACTERS, systemPrompt } from "../attempts/agent-prompt.ts";
import type { Model } from "../domain/model.ts";
import { worstCaseUsd } from "../domain/price.ts";
import type { Task } from "../domain/task.ts";
import { orchestratorOf } from "./orchestrator.ts";
import type { ActiveThread } from "./runtime.ts";
import { SYNTHESIS_CHARACTERS } from "./synthesis-turn.ts";

/** The tokens of a long answer, about 3,000 words. Most answers are shorter, and few are longer. */
const ANSWER_TOKENS = 4096;
/** English prose has about four characters per token, code has fewer. */
const CHARACTERS_PER_TOKEN = 3.5;

/**
 * The estimated cost of a plan in USD: one attempt per task, with a long answer and long results of its
 * dependencies, and the synthesis. Most plans cost a fraction of it.
 */
export function estimateUsd(thread: ActiveThread, tasks: readonly Task[]): number {
  const resultCharacters = answerTokens(thread) * CHARACTERS_PER_TOKEN;
  const given = (results: number, most: number) => Math.min(most, results * resultCharacters);
  const perTask = tasks.map((task) => {
    const agent = thread.scope.agents.get(task.agent);
    const characters =
      systemPrompt(agent).length + task.prompt.length + given(task.dependsOn.length, CONTEXT_CHARACTERS);
    return callUsd(thread, thread.scope.modelFor(task.model, agent), characters);
  });
  const agents = perTask.reduce((sum, usd) => sum + usd, 0);
  if (thread.options.synthesis === false || tasks.length < 2) return agents;
  const orchestrator = orchestratorOf(thread);
  const characters = orchestrator.prompt.length + given(tasks.length, SYNTHESIS_CHARACTERS);
  return agents + callUsd(thread, thread.scope.modelFor(undefined, orchestrator), characters);
}

function callUsd(thread: ActiveThread, { price }: Model, characters: number): number {
  const maxTokens = Math.min(answerTokens(thread), price.maxOutput);
  return worstCaseUsd(price, Math.ceil(characters / CHARACTERS_PER_TOKEN), maxTokens);
}

function answerTokens({ claude: { maxTokens } }: ActiveThread): number {
  return Math.min(maxTokens ?? ANSWER_TOKENS, ANSWER_TOKENS);
}
