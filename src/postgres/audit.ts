import type { Database } from "./database.ts";
import { ENDED_STATUSES, statusOf } from "./threads/standing.ts";

/** Rows of a thread that contradict each other. */
export interface Contradiction {
  readonly thread: string;
  /** What is wrong, and what to do: two sentences. */
  readonly says: string;
}

/** A row of a check. `count` and `what` are for the sentence. */
interface Found {
  readonly thread: string;
  readonly count: number;
  readonly what: string;
}

interface Check {
  /** Selects `Found` from `t`, the threads of the audit. */
  readonly sql: string;
  readonly says: (found: Found) => string;
}

const usd = (amount: string) => `'$' || round(${amount}, 6)::text`;
const ENDED = `t.status IN ${ENDED_STATUSES}`;

const CHECKS: readonly Check[] = [
  {
    sql: `SELECT t.id, c.calls, ${usd("c.cost")} || ' instead of ' || ${usd("t.promised_usd")}
      FROM t JOIN (SELECT thread_id, count(*) AS calls,
        sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END) AS cost
        FROM claude_calls GROUP BY thread_id) c ON c.thread_id = t.id
      WHERE c.cost > t.promised_usd + 0.000000001`,
    says: ({ thread, count, what }) =>
      `The ${count} calls of thread ${thread} cost ${what} in its row, so that it may pass its budget. Do not resume it: fork it, or run it again.`,
  },
  {
    sql: `SELECT t.id, count(*), string_agg(DISTINCT c.task_id, ', ') FROM t JOIN claude_calls c ON c.thread_id = t.id
      WHERE c.phase = 'agents' AND c.execution_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM agent_coordination a
        WHERE a.session_id = c.thread_id AND a.execution_id = c.execution_id AND a.task_id = c.task_id)
      GROUP BY t.id`,
    says: ({ thread, count, what }) =>
      `Thread ${thread} paid for ${count} calls of tasks without a row: ${what}. Their cost is in "cost ${thread}", but in no task: do not add up tasks.`,
  },
  {
    sql: `SELECT t.id, count(*), string_agg(r.id, ', ') FROM t JOIN requests r ON r.thread_id = t.id
      WHERE ${ENDED} AND r.status = 'open' GROUP BY t.id`,
    says: ({ thread, what }) =>
      `Thread ${thread} has ended, but still asks: ${what}. No answer has an effect: ignore them, or fork the thread.`,
  },
  {
    sql: `SELECT t.id, count(*), string_agg(a.task_id, ', ') FROM t JOIN agent_coordination a ON a.session_id = t.id
      WHERE ${ENDED} AND a.execution_id IS NOT NULL AND a.status IN ('running', 'waiting') GROUP BY t.id`,
    says: ({ thread, what }) =>
      `Thread ${thread} has ended, but not its tasks: ${what}. Nothing runs them: fork the thread to run them again.`,
  },
  {
    sql: `SELECT t.id, count(*), string_agg(DISTINCT l.task_id, ', ') FROM t JOIN tool_calls l ON l.thread_id = t.id
      WHERE NOT EXISTS (
        SELECT FROM claude_calls c WHERE c.thread_id = l.thread_id AND c.phase = 'agents' AND c.status = 'committed'
          AND c.task_id = l.task_id AND c.attempt = l.attempt AND c.turn = l.turn)
      GROUP BY t.id`,
    says: ({ thread, count, what }) =>
      `Thread ${thread} has ${count} tool calls that no recorded answer asked for, in ${what}. Read what they did: "show ${thread}".`,
  },
];

/** Rows of executions whose thread has no row. */
const WITHOUT_THREAD = `SELECT a.session_id AS "thread", count(*)::float8 AS "count", '' AS "what"
  FROM agent_coordination a
  WHERE a.execution_id IS NOT NULL AND NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = a.session_id)
    AND ($1::uuid IS NULL OR a.session_id = $1)
  GROUP BY a.session_id`;

/**
 * Compares the rows of one thread, or of all threads, with each other. Leaves out threads that a process runs now, whose rows
 * change.
 *
 * @returns the contradictions; empty for a healthy database.
 */
export async function audit(database: Database, threadId?: string): Promise<Contradiction[]> {
  const found: Contradiction[] = [];
  for (const { sql, says } of CHECKS) {
    const { rows } = await database.pool.query<Found>(
      `WITH t AS (
         SELECT thread_id AS id, status, promised_usd FROM threads
         WHERE ($1::uuid IS NULL OR thread_id = $1) AND ${statusOf("threads")} <> 'running'
       ), found (thread, count, what) AS (${sql})
       SELECT thread, count::float8 AS "count", what FROM found ORDER BY thread`,
      [threadId ?? null],
    );
    found.push(...rows.map((row) => ({ thread: row.thread, says: says(row) })));
  }
  const { rows } = await database.pool.query<Found>(WITHOUT_THREAD, [threadId ?? null]);
  const lost = rows.map(({ thread, count }) => ({
    thread,
    says: `${count} tasks belong to thread ${thread}, which does not exist. Delete its rows from agent_coordination.`,
  }));
  return [...found, ...lost];
}
