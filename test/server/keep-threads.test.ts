import { describe, expect, it } from "vitest";
import { answerDue } from "../../src/postgres/requests.ts";
import { threadsAnsweredByDeadline } from "../../src/postgres/threads/answered-by-deadline.ts";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { reportThread } from "../../src/runs/report.ts";
import type { ControlRoom } from "../../src/server/control-room.ts";
import { goOnWithDue } from "../../src/server/keep-threads.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();
const reports: string[] = [];
const room: ControlRoom = {
  engine: () => Promise.resolve(testEngine().engine),
  user: "somebody@here",
  graphs: {
    names: async () => ["orchestrate"],
    load: async () => (await import("../../graphs/orchestrate.ts")).graph,
  },
  report: (sentence) => void reports.push(sentence),
};

/** A thread whose plan waits, and whose deadline has come unless it is told otherwise. */
async function waiting(isDue = true) {
  const { run, engine } = testEngine();
  const { thread, waiting: asked } = await run(
    { input: "@sydney-coder write" },
    { deadline: { seconds: 600, answer: "approve" } },
  );
  const set = "UPDATE requests SET deadline_at = clock_timestamp() WHERE id = $1";
  if (isDue) await engine.database.pool.query(set, [asked[0]?.id]);
  return thread;
}

const statusOf = async (thread: string) => (await getThread(testEngine().engine.database, thread)).status;

describe("a server that looks for deadlines", () => {
  it("goes on with what is due, and with nothing else", async () => {
    const [due, later] = [await waiting(), await waiting(false)];

    // Somebody else may have looked first, and not gone on.
    await answerDue(testEngine().engine.database);
    await goOnWithDue(room);

    await expect.poll(() => statusOf(due), { timeout: 20_000 }).toBe("completed");
    expect(await statusOf(later)).toBe("waiting");
    expect(reports).toEqual([]);
  });

  it("finds a thread whose process was killed before its row said that it waits", async () => {
    const thread = await waiting();
    const { engine } = testEngine();
    await engine.database.pool.query("UPDATE threads SET status = 'running' WHERE thread_id = $1", [thread]);
    const stopped = await reportThread(engine.database, thread);
    expect(stopped.status).toBe("stopped");

    await goOnWithDue(room);

    await expect.poll(() => statusOf(thread), { timeout: 20_000 }).toBe("completed");
    expect(reports).toEqual([]);
  });

  it("leaves a thread alone that another process runs, and looks again", async () => {
    const thread = await waiting();
    const { engine } = testEngine();
    await engine.claims.claim(thread);
    await goOnWithDue(room);
    await engine.release(thread);
    expect(await statusOf(thread)).toBe("stopped");
    expect(reports).toEqual([]);

    await goOnWithDue(room);
    await expect.poll(() => statusOf(thread), { timeout: 20_000 }).toBe("completed");
    expect(await threadsAnsweredByDeadline(engine.database)).toEqual([]);
  });
});
