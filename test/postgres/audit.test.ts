import { describe, expect, it } from "vitest";
import { audit } from "../../src/postgres/audit.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();
const database = () => testEngine().engine.database;
const change = (sql: string, thread: string) => database().pool.query(sql, [thread]);

async function completed(): Promise<string> {
  const { thread, status } = await testEngine().run(
    { input: "@sydney-coder write" },
    { autoApprove: ["plan"] },
  );
  expect(status).toBe("completed");
  return thread;
}

describe("an audit", () => {
  it("finds nothing in a healthy database, whatever its threads do", async () => {
    await completed();
    await testEngine().run({ input: "@sydney-coder write" });
    await testEngine().run({ input: "@sydney-coder write" }, { autoApprove: ["plan"], budgetUsd: 0.000_001 });

    expect(await audit(database())).toEqual([]);
  });

  it.each([
    [
      "a row with too little promised",
      "UPDATE threads SET promised_usd = 0 WHERE thread_id = $1",
      /cost \$0\.\d+ instead of \$0/,
    ],
    [
      "calls without a task",
      "UPDATE claude_calls SET task_id = 'gone' WHERE thread_id = $1 AND phase = 'agents'",
      /tasks without a row: gone/,
    ],
    [
      "an open request of an ended thread",
      "UPDATE requests SET status = 'open', answer = NULL WHERE thread_id = $1",
      /has ended, but still asks: plan-/,
    ],
    [
      "a running task of an ended thread",
      "UPDATE agent_coordination SET status = 'running' WHERE session_id = $1",
      /has ended, but not its tasks/,
    ],
    [
      "a tool call without its Claude call",
      `INSERT INTO tool_calls (thread_id, execution_id, task_id, attempt, turn, position, tool_use_id, name, input, status)
       VALUES ($1, 'x', 'a', 1, 9, 0, 'tool', 'Write', '{}', 'done')`,
      /1 tool calls that no recorded answer asked for/,
    ],
  ])("names the thread of %s", async (_, sql, says) => {
    const thread = await completed();
    await change(sql, thread);

    const findings = await audit(database(), thread);

    expect(findings).toEqual([{ thread, says: expect.stringMatching(says) }]);
    expect((await audit(database())).filter((finding) => finding.thread === thread)).toEqual(findings);
  });

  it("names tasks whose thread does not exist", async () => {
    const thread = await completed();
    await change(
      "UPDATE agent_coordination SET session_id = gen_random_uuid() WHERE session_id = $1",
      thread,
    );
    const findings = (await audit(database())).filter(({ says }) => says.includes("does not exist"));
    expect(findings).toHaveLength(1);
  });
});
