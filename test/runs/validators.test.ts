import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { useEngine } from "../support/engine.ts";
import { isAlive } from "../support/processes.ts";

const answer = (output: string) => ({ summary: "s", output, confidence: 0.9, emotionalState: {} });
const verdict = (passes: boolean, reason: string) => ({ passes, reason });
const testEngine = useEngine({
  environment: { BUDGET_USD: "20", ALLOW_COMMANDS: "true" },
  scenario: {
    answers: [
      { json: verdict(true, "fine"), when: { match: "^Validate[^]*count is 3" } },
      { json: verdict(false, "it does not say how many"), when: { match: "^Validate" } },
      { json: answer("the count is 3"), when: { match: "count them[^]*it does not say how many" } },
      { json: answer('{"count": 3}'), when: { match: "as JSON[^]*count: Too small" } },
      { json: answer('{"count": 1}'), when: { match: "as JSON" } },
      { json: answer("good"), when: { match: "command[^]*not good enough" } },
      { json: answer("bad"), when: { match: "command" } },
      { json: answer("many"), when: { match: "count them" } },
    ],
  },
});

async function runTask(prompt: string, validate: object, options: object = {}) {
  const task = { id: "a", agent: "sydney-coder", description: "x", prompt, dependsOn: [], validate };
  const plan = { input: "x", currentTasks: [task] };
  return testEngine().run(plan, { autoApprove: ["plan"], synthesis: false, ...options });
}

async function digestsOf(thread: string): Promise<string[]> {
  const { rows } = await testEngine().engine.database.pool.query<{ failure: string; digest: string }>(
    "SELECT failure, digest FROM task_attempts WHERE session_id = $1 ORDER BY attempt",
    [thread],
  );
  return rows.map(({ failure, digest }) => `${failure}: ${digest}`);
}

describe("a result is checked", () => {
  it("by a JSON schema: the next attempt is told what did not fit", async () => {
    const schema = {
      type: "object",
      required: ["count"],
      properties: { count: { type: "number", minimum: 2 } },
    };
    const { thread, tasks } = await runTask("answer as JSON", { schema });

    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 2, output: '{"count": 3}' });
    expect(await digestsOf(thread)).toEqual([expect.stringMatching(/^validation: .*count: Too small/)]);
  });

  it("by a command: it gets the output, says yes by exit code 0, and what it says is told", async () => {
    const command = 'grep -q good || { echo "not good enough: $DECURION_AGENT" >&2; exit 4; }';
    const { thread, tasks } = await runTask("command", { command });

    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 2, output: "good" });
    expect(await digestsOf(thread)).toEqual([
      expect.stringMatching(new RegExp(`^validation: .*ended with 4: not good enough: ${thread}/a`)),
    ]);
  });

  it("by an agent, whose call is in the ledger with the task's", async () => {
    const { thread, tasks, calls } = await runTask("count them", { agent: "sydney-validator" });

    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 2, output: "the count is 3" });
    expect(await digestsOf(thread)).toEqual([
      "validation: The result was not accepted. sydney-validator: it does not say how many",
    ]);
    expect(calls.paid).toBe(4);
    expect(tasks[0]?.costUsd).toBeGreaterThan(0);
  });

  it("to the end of the ladder: a human may take what was not accepted", async () => {
    const report = await runTask("count them", { command: "false" }, { escalation: false });
    expect(report).toMatchObject({ status: "waiting", waiting: [{ kind: "failure", task: "a" }] });
  });
});

describe("a validating command", () => {
  it("does not see the key or the database", async () => {
    const folder = await mkdtemp(join(tmpdir(), "decurion-validate-"));
    const file = join(folder, "seen");
    await runTask("count them", { command: `env > ${file}` });
    expect(await readFile(file, "utf8")).not.toMatch(/ANTHROPIC_API_KEY|DATABASE_URL/);
  });

  it("that hangs is ended with everything it started", async () => {
    const folder = await mkdtemp(join(tmpdir(), "decurion-validate-"));
    const file = join(folder, "pid");
    const command = `sleep 300 & echo $! > ${file}; wait`;
    const { thread } = await runTask("count them", { command, timeoutSeconds: 0.2 }, { escalation: false });

    expect((await digestsOf(thread))[0]).toContain("took longer than 0.2 s");
    const pid = Number(await readFile(file, "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

describe("a plan's validators", () => {
  it.each([
    ["an unknown agent", { agent: "nobody" }, /unknown agent "nobody" as validator/],
    ["a schema that is none", { schema: { type: "nonsense" } }, /JSON schema that cannot be used.*nonsense/],
  ])("are checked before anything is paid for: %s", async (_, validate, says) => {
    await expect(runTask("x", validate)).rejects.toThrow(UsageError);
    await expect(runTask("x", validate)).rejects.toThrow(says);
  });
});
