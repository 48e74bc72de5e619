import { beforeAll, describe, expect, it } from "vitest";
import type { ThreadRow } from "../../src/domain/thread.ts";
import {
  changingThreads,
  findThreadRow,
  pageOfThreads,
  type ThreadCursor,
} from "../../src/postgres/threads/list.ts";
import { useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();
const STATUSES = ["completed", "failed", "running", "waiting"];

// Every ten threads were made at the same moment, so that pages end among them.
beforeAll(async () => {
  await db().pool.query(
    `INSERT INTO threads (thread_id, graph, input, status, budget_usd, created_at, updated_at)
     SELECT gen_random_uuid(), 'orchestrate', 'Thing ' || n || ' at 100%', ($1::text[])[1 + n % 4], 1, moment, moment
     FROM generate_series(1, 1000) n, LATERAL (SELECT now() - make_interval(mins => n / 10) AS moment) m`,
    [STATUSES],
  );
  await db().pool.query(
    `INSERT INTO agent_coordination (session_id, execution_id, task_id, agent_type, status, position)
     SELECT thread_id, execution, 'task ' || k, 'a', CASE WHEN execution = 'b' THEN 'completed' ELSE 'pending' END, k
     FROM threads, unnest(ARRAY['a', 'b']) WITH ORDINALITY AS e(execution, place), generate_series(1, 3) k
     ORDER BY place, k`,
  );
  await db().pool.query(
    `INSERT INTO claude_calls (thread_id, phase, task_id, agent, request_hash, status, model, reserved_usd, cost_usd)
     SELECT thread_id, 'agents', 'task ' || k, 'a', 'h', 'committed', 'm', 1, 0.01 FROM threads, generate_series(1, 5) k`,
  );
  await db().pool.query(
    `INSERT INTO requests (id, thread_id, kind, summary, payload)
     SELECT 'plan-' || thread_id, thread_id, 'plan', 's', '{}' FROM threads WHERE status = 'waiting'`,
  );
  await db().pool.query("ANALYZE");
});

async function allPages(limit: number, filter = {}): Promise<ThreadRow[]> {
  const rows: ThreadRow[] = [];
  let after: ThreadCursor | undefined;
  for (;;) {
    const page = await pageOfThreads(db(), filter, limit, after);
    rows.push(...page);
    after = page.at(-1);
    if (page.length < limit) return rows;
  }
}

describe("the list of a thousand threads", () => {
  it("comes in pages that neither repeat nor leave out one, whatever their size", async () => {
    const whole = await pageOfThreads(db(), {}, 1000);
    expect(whole).toHaveLength(1000);
    for (const limit of [7, 64, 999]) {
      expect((await allPages(limit)).map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    }
    const waiting = await allPages(33, { status: "waiting" });
    expect(waiting).toEqual(whole.filter(({ status }) => status === "waiting"));
  });

  it("counts the tasks of the latest execution and adds up the ledger", async () => {
    const [row] = await pageOfThreads(db(), { words: "thing 500" }, 10);
    expect(row).toMatchObject({ input: "Thing 500 at 100%", tasks: { completed: 3 }, waiting: 0 });
    expect(row?.costUsd).toBeCloseTo(0.05, 10);
    expect(await findThreadRow(db(), row?.id ?? "")).toEqual(row);
  });

  it("is searched for words as they are, and for the beginning of an id", async () => {
    expect(await pageOfThreads(db(), { words: "100%" }, 1000)).toHaveLength(1000);
    expect(await pageOfThreads(db(), { words: "1_0" }, 10)).toEqual([]);
    expect(await pageOfThreads(db(), { words: "\\" }, 10)).toEqual([]);
    const [first] = await pageOfThreads(db(), {}, 1);
    expect(await pageOfThreads(db(), { words: first?.id.toUpperCase() }, 10)).toEqual([first]);
  });

  it("tells of those under way and those that changed within the time asked for", async () => {
    const changing = await changingThreads(db(), 90, 1000);
    const expected = (row: ThreadRow) =>
      row.status === "stopped" || Date.now() - Date.parse(row.updatedAt) < 90_000;
    const whole = await pageOfThreads(db(), {}, 1000);
    expect(new Set(changing.map(({ id }) => id))).toEqual(
      new Set(whole.filter(expected).map(({ id }) => id)),
    );
    expect(await changingThreads(db(), 90, 5)).toHaveLength(5);
  });

  it.each([
    ["the first page", "ORDER BY created_at DESC, thread_id DESC LIMIT 50", "threads_newest"],
    [
      "a page further on",
      "WHERE (created_at, thread_id) < (now() - interval '9 min', gen_random_uuid()) ORDER BY created_at DESC, thread_id DESC LIMIT 50",
      "threads_newest",
    ],
    [
      "those in one status",
      "WHERE status = 'waiting' ORDER BY created_at DESC, thread_id DESC LIMIT 50",
      "threads_in_status",
    ],
  ])("reads no more than it shows: %s", async (_, rest, index) => {
    const { rows } = await db().pool.query<Record<string, string>>(`EXPLAIN SELECT * FROM threads ${rest}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan|Sort/);
  });
});
