import { describe, expect, it } from "vitest";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import type { Report } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  latencyMs: 5,
  environment: { BUDGET_USD: "20", PROFILE_DELAY_SECONDS: "0.3" },
  scenario: { faults: [{ kind: "latency", ms: 400, when: { match: "slow" } }] },
});

const tasks = (...prompts: string[]) =>
  prompts.map((prompt, index) => ({
    id: `t${index}`,
    agent: "sydney-research",
    description: prompt,
    prompt,
    dependsOn: [] as string[],
  }));

async function run(plan: ReturnType<typeof tasks>, options: ThreadOptions) {
  const all = { autoApprove: ["plan" as const], synthesis: false, ...options };
  return testEngine().run({ input: "plan", currentTasks: plan }, all);
}

/** Each task's start and end by the database's clock, in ms, in the order of their starts. */
async function timesOf({ thread }: Report) {
  const { rows } = await testEngine().engine.database.pool.query<{ id: string; start: number; end: number }>(
    `SELECT task_id AS id, extract(epoch FROM started_at)::float8 * 1000 AS start,
       extract(epoch FROM ended_at)::float8 * 1000 AS "end"
     FROM agent_coordination WHERE session_id = $1 ORDER BY started_at`,
    [thread],
  );
  return rows;
}

describe("--batch", () => {
  it("begins no task of a batch before all of the batch before have ended", async () => {
    const report = await run(tasks("slow one", "quick", "quick", "quick", "quick"), {
      batch: 2,
      parallel: 10,
    });
    expect(report.status).toBe("completed");
    expect(report.peakParallel).toBe(2);
    const times = await timesOf(report);
    for (const [index, { start }] of times.entries()) {
      const before = times.slice(0, Math.floor(index / 2) * 2);
      expect(Math.max(...before.map(({ end }) => end), 0)).toBeLessThanOrEqual(start);
    }
  });

  it("goes on with fewer when fewer are ready", async () => {
    const plan = tasks("first", "second").map((task) => ({
      ...task,
      dependsOn: task.id === "t1" ? ["t0"] : [],
    }));
    expect((await run(plan, { batch: 8 })).status).toBe("completed");
  });
});

describe("--profile conservative", () => {
  it("runs two agents at once at most, which start the delay apart, and says when the next one does", async () => {
    const report = await run(tasks("slow", "slow", "slow", "quick"), {
      profile: "conservative",
      parallel: 10,
    });
    expect(report.status).toBe("completed");
    expect(report.peakParallel).toBeLessThanOrEqual(2);
    const starts = (await timesOf(report)).map(({ start }) => start);
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(299);
    const notes = report.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes[0]).toMatch(/^The next agent starts at \d\d:\d\d:\d\d: agents start 0\.3 s apart\.$/);
  });

  it("holds with the thread, whoever goes on with it", async () => {
    const { thread } = await run(tasks("quick"), { profile: "conservative" });
    const { rows } = await testEngine().engine.database.pool.query(
      "SELECT options FROM threads WHERE thread_id = $1",
      [thread],
    );
    expect(rows[0]?.options).toMatchObject({ profile: "conservative" });
  });
});
