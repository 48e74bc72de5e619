import { z } from "zod";
import { RETRY_WORDS } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import { type Retry, retryTask, type WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { Database } from "../postgres/database.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { failedAttempts, lastAnswer } from "../postgres/task-attempts.ts";
import { approve, edit, giveUp, respond, respondWith } from "./actions.ts";
import { type Asked, defineKind, type TaskAnswer } from "./kind.ts";
import { NOBODY_ANSWERED } from "./nobody-answered.ts";
import { acceptTask, giveUpTask } from "./waiting-tasks.ts";

/** The prompt, the reasons of the failed attempts, and the last answer, if any. */
const failureSchema = z.looseObject({
  prompt: z.string(),
  answer: z.string().nullable(),
  attempts: z.array(
    z.object({ attempt: z.number(), model: z.string(), failure: z.string(), digest: z.string() }),
  ),
});

const promptSchema = z.looseObject({ prompt: z.string().trim().min(1) });

/** A task has failed on all models of its ladder: asks what to do. */
export const failureKind = defineKind({
  name: "failure",
  payload: failureSchema,
  title: "A task has failed",
  question: "What now?",
  isAutoApprovable: false,
  // A retry costs money, and only a human may accept an answer that failed.
  byDefault: (answer) => (answer === "reject" ? { type: "reject", message: NOBODY_ANSWERED } : undefined),
  ways: () => [
    "retry",
    'respond --message "<what to do better>"',
    `edit --args '{"prompt":"<the new prompt>"}'`,
    "approve    (accepts the last answer)",
    "reject     (gives the task up)",
  ],
  sections: ({ prompt, attempts, answer }) => [
    { type: "text", label: "The prompt", text: prompt },
    { type: "attempts", attempts },
    // The whole answer, because a human may accept all of it.
    ...(answer === null ? [] : [{ type: "text" as const, label: "The last answer", text: answer }]),
  ],
  actions: (failure) => [
    respondWith("Try again", RETRY_WORDS, "[t]ry again", ["retry", "try again"]),
    respond(
      "Advise and retry",
      { label: "Advice for the next attempts", question: "What should the next attempt do better? " },
      "[s]ay how",
    ),
    edit(
      "Edit the prompt",
      {
        type: "text",
        label: "Prompt",
        name: "prompt",
        text: failure?.prompt ?? "",
        send: "Try again with this prompt",
      },
      "[e]dit the prompt",
    ),
    ...(failure && failure.answer !== null ? [approve("Take this answer", "[a]ccept the answer")] : []),
    giveUp("Give up", "Why (optional)", "[g]ive up"),
  ],
  check: ({ id }, decision) => {
    if (decision.type === "edit") editedPrompt(id, decision.args);
  },
  settle,
});

/** Asks what to do about a failed task. */
export async function failureRequest(
  { database, execution, stop }: { database: Database; execution: Execution; stop: string | undefined },
  { id: taskId, agent, prompt, waitingFor }: WaitingTask,
): Promise<NewRequest> {
  const [attempts, answer] = await Promise.all([
    failedAttempts(database, execution, taskId),
    lastAnswer(database, execution, taskId),
  ]);
  return failureKind.request({
    threadId: execution.threadId,
    stop,
    about: taskId,
    taskId,
    payload: {
      task: taskId,
      agent,
      prompt,
      attempts,
      answer: answer === null ? null : answer.output,
    },
    summary: `Task "${taskId}" could not be done: ${waitingFor.sentence}`,
  });
}

async function settle(answer: TaskAnswer): Promise<void> {
  const { database, execution, asked, tasks, decision } = answer;
  for (const task of tasks) {
    if (decision.type === "reject") await giveUpTask(answer, task, decision.message);
    else if (decision.type === "approve") {
      await acceptTask(answer, task, await lastAnswer(database, execution, task.id));
    } else await retryTask(database, execution, task.id, retryFor(asked, decision));
  }
}

function retryFor(
  { id }: Asked,
  decision: Extract<TaskAnswer["decision"], { type: "edit" | "respond" }>,
): Retry {
  return decision.type === "edit"
    ? { prompt: editedPrompt(id, decision.args), restartsLadder: true }
    : { advice: decision.message, restartsLadder: true };
}

function editedPrompt(requestId: string, args: unknown): string {
  const parsed = promptSchema.safeParse(args);
  if (parsed.success) return parsed.data.prompt;
  throw new UsageError(`The edit of ${requestId} must contain the changed prompt: {"prompt": "…"}.`);
}
