import type { AgentDefinition } from "../agents/definition.ts";
import { AGENT_RESULT_JSON_SCHEMA, type AgentResult, agentResultSchema } from "../core/agent-result.ts";
import { NestedSpawnError } from "../core/errors.ts";
import type { Model } from "../core/models.ts";
import { clip } from "../core/text.ts";
import type { TaskResult } from "../postgres/results.ts";
import { taskTurn } from "./agent-prompt.ts";
import { CallError } from "./call-error.ts";
import type { TurnResponse } from "./driver.ts";
import { readJsonAnswer } from "./json-answer.ts";
import { buyTurn, type Claude } from "./turn.ts";

/** One task for one agent. */
export interface AgentRequest {
  readonly threadId: string;
  readonly taskId: string;
  readonly agent: AgentDefinition;
  readonly model: Model;
  readonly prompt: string;
  /** Results of the tasks it depends on. */
  readonly dependencies: readonly TaskResult[];
}

export interface AgentContext {
  readonly claude: Claude;
  readonly signal: AbortSignal;
  readonly onText?: (text: string) => void;
  readonly onNote?: (note: string) => void;
}

/** Why a task failed. `transport`: no answer could be had; the others are about the answer itself. */
export type FailureClass = "invalid-output" | "refusal" | "max-tokens" | "transport" | "nested-spawn";

interface Spent {
  readonly model: string;
  readonly attempts: number;
  readonly costUsd: number;
}

/** What came of a task. Failure is an outcome, never an exception. */
export type Outcome = Spent &
  (
    | { readonly status: "completed"; readonly result: AgentResult }
    | { readonly status: "failed"; readonly failure: FailureClass; readonly error: string }
  );

/**
 * Does one task with one agent and keeps no state between calls.
 *
 * @throws CallError of kind `aborted` when the signal ended it: there is no outcome then.
 */
export async function execute(request: AgentRequest, context: AgentContext): Promise<Outcome> {
  const { claude, signal, onText, onNote } = context;
  const { threadId, taskId, agent, model } = request;
  const content = taskTurn(agent, request.prompt, request.dependencies, AGENT_RESULT_JSON_SCHEMA);
  try {
    const { response, costUsd } = await buyTurn(claude, content, {
      ...{ threadId, phase: "agents", taskId, agent: agent.name, model, attempt: 1, turn: 1, signal },
      ...(onText && { onText }),
      ...(onNote && { onNote }),
    });
    return { ...judge(response, claude.maxTokens), model: model.id, attempts: 1, costUsd };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return { ...failure, model: model.id, attempts: 1, costUsd: 0 };
  }
}

type Failed = { readonly status: "failed"; readonly failure: FailureClass; readonly error: string };
type Judged = Failed | { readonly status: "completed"; readonly result: AgentResult };

function judge(response: TurnResponse, maxTokens: number): Judged {
  if (response.stopReason === "refusal") return failed("refusal", "Claude refused to do this task.");
  if (response.stopReason === "max_tokens") {
    return failed(
      "max-tokens",
      `The answer was cut off at ${maxTokens} tokens: raise MAX_TOKENS or split the task.`,
    );
  }
  const parsed = agentResultSchema.safeParse(readJsonAnswer(response.text));
  if (parsed.success) return { status: "completed", result: parsed.data };
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`,
  );
  return failed("invalid-output", `The agent's answer is not a result: ${clip(problems.join("; "), 300)}.`);
}

function failed(failure: FailureClass, error: string): Failed {
  return { status: "failed", failure, error };
}

/** The outcome that an exception stands for, or undefined when it is none: we were stopped, or it is a defect. */
function failureOf(error: unknown): Failed | undefined {
  if (error instanceof NestedSpawnError) return failed("nested-spawn", error.message);
  if (error instanceof CallError && error.kind !== "aborted") return failed("transport", error.message);
  return undefined;
}
