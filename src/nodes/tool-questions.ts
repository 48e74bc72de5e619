import type { HumanRequest } from "../domain/request.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import { retryTask, type WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import { askHuman } from "../postgres/requests.ts";
import { askedToolCalls } from "../postgres/tool-calls.ts";
import { withDeadline } from "../requests/deadline.ts";
import { fileChange } from "../requests/file-change.ts";
import { kindOf } from "../requests/kinds.ts";
import { questionRequest } from "../requests/question.ts";
import { toolRequest } from "../requests/tool.ts";
import { ASK_HUMAN } from "../tools/ask-human.ts";
import { placeOf } from "../tools/place.ts";
import type { ActiveThread } from "./runtime.ts";

/** A request and its waiting tasks. */
export interface TaskQuestion {
  readonly request: HumanRequest;
  readonly tasks: readonly WaitingTask[];
}

/**
 * Asks about each tool call of these tasks, for an approval or an answer. The same call gives the same request. A task whose
 * calls are all decided becomes pending: its process was killed between the decision and that.
 */
export async function askAboutToolCalls(
  thread: ActiveThread,
  execution: Execution,
  tasks: readonly WaitingTask[],
): Promise<TaskQuestion[]> {
  const questions: TaskQuestion[] = [];
  for (const task of tasks) {
    if (task.waitingFor.kind !== "tool") continue;
    const { attempt, turn } = task.waitingFor;
    const key = { ...execution, taskId: task.id, attempt, turn };
    const calls = await askedToolCalls(thread.database, key);
    if (calls.length === 0) await retryTask(thread.database, execution, task.id, { restartsLadder: false });
    for (const call of calls) {
      const asked = { key, agent: task.agent, call };
      const about =
        call.name === ASK_HUMAN
          ? questionRequest(asked)
          : toolRequest(asked, {
              runs: placeOf(call.name, thread.confinement),
              change: await fileChange(call, thread.openWorkspace),
            });
      const due = withDeadline(kindOf(about), thread.options.deadline, about);
      const request = await askHuman(thread.database, due);
      questions.push({ request, tasks: [task] });
    }
  }
  return questions;
}
