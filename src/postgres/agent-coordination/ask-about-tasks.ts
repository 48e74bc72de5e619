import type { Database } from "../database.ts";
import type { NewRequest } from "../requests.ts";
import { toJsonb, toText } from "../storable.ts";
import type { Execution } from "./executions.ts";

/** A request, or the id of an existing one, and its waiting tasks. */
export interface TasksAsked {
  readonly request: NewRequest | string;
  readonly taskIds: readonly string[];
}

/** Records the requests and links the waiting tasks to them, in one statement. */
export async function askAboutTasks(
  database: Database,
  { threadId, executionId }: Execution,
  asked: readonly TasksAsked[],
): Promise<void> {
  const rows = asked.map(({ request, taskIds: tasks }) => {
    if (typeof request === "string") return { id: request, tasks };
    const { id, kind, taskId, summary, payload, deadline } = request;
    const row = { id, kind, task_id: taskId, summary: toText(summary), payload, tasks };
    return { ...row, default_answer: deadline?.answer, seconds: deadline?.seconds };
  });
  await database.pool.query(
    `WITH asked AS (
       SELECT * FROM jsonb_to_recordset($3)
         AS q(id text, kind text, task_id text, summary text, payload jsonb, tasks text[], default_answer jsonb,
           seconds float8)
     ), written AS (
       INSERT INTO requests (id, thread_id, kind, task_id, summary, payload, default_answer, deadline_at)
       SELECT id, $1, kind, task_id, summary, payload, default_answer,
         clock_timestamp() + seconds * interval '1 second'
       FROM asked WHERE kind IS NOT NULL
       ON CONFLICT (id) DO NOTHING
     )
     UPDATE agent_coordination a SET request_id = asked.id FROM asked
     WHERE a.session_id = $1 AND a.execution_id = $2 AND a.task_id = ANY(asked.tasks) AND a.status = 'waiting'`,
    [threadId, executionId, toJsonb(rows)],
  );
}
