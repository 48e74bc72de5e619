import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/postgres/database.ts";
import { useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";

const testCli = useCli();

/** One task, run with this budget. @returns the report. */
async function runTask(budget: string) {
  const file = join(testCli().folder, "plan.json");
  await writeFile(file, JSON.stringify({ tasks: [{ id: "a", agent: "sydney-coder", prompt: "Do it." }] }));
  const words = ["run", "orchestrate", "--plan", file, "--auto-approve", "--budget", budget, "--json"];
  return JSON.parse((await testCli().run(words)).stdout);
}

describe("cost --check", () => {
  it("says with 0 that a thread's rows agree, and with 1 what contradicts", async () => {
    const { run, schema } = testCli();
    const { thread } = await runTask("1");
    const agrees = await run(["cost", thread, "--check"]);
    expect(agrees).toMatchObject({ code: 0, stderr: expect.stringContaining("agree") });

    const database = await openDatabase({ url: testDatabaseUrl(), schema });
    await database.pool.query("UPDATE threads SET promised_usd = 0 WHERE thread_id = $1", [thread]);
    await database.close();

    const differs = await run(["cost", thread, "--check"]);
    expect(differs).toMatchObject({ code: 1, stderr: expect.stringContaining("1 finding") });
    expect(differs.stdout.replaceAll(/\s+/g, " ")).toContain(`1 calls of thread ${thread} cost $`);
    const { findings } = JSON.parse((await run(["cost", thread, "--check", "--json"])).stdout);
    expect(findings).toMatchObject([{ thread }]);
  });
});

describe("resume --budget", () => {
  it("sets the budget of the thread, which answers its question: the run goes on", async () => {
    const { run } = testCli();
    const { thread, status, waiting } = await runTask("0.01");
    expect({ status, kinds: waiting.map(({ kind }: { kind: string }) => kind) }).toEqual({
      status: "waiting",
      kinds: ["budget"],
    });

    const little = await run(["resume", thread, "--budget", "0.011", "--json"]);
    expect(little.code, little.stderr).toBe(3);
    const raised = await run(["resume", thread, "--budget", "0.6", "--json"]);

    expect(raised.code, raised.stderr).toBe(0);
    expect(JSON.parse(raised.stdout)).toMatchObject({ status: "completed", budgetUsd: 0.6 });
  });
});
