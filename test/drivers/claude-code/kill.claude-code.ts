import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { openDatabase } from "../../../src/postgres/database.ts";
import { reportThread } from "../../../src/runs/report.ts";
import { workspaceFolder } from "../../../src/tools/workspaces.ts";
import { useCli } from "../../support/cli.ts";
import { testDatabaseUrl } from "../../support/database.ts";
import { auditLedger } from "../../support/ledger-audit.ts";
import { processesOf } from "../../support/processes.ts";

const ANSWER = {
  summary: "done",
  output: "The work.",
  confidence: 0.9,
  emotionalState: { focus: 1, curiosity: 0, confidence: 1, doubt: 0, frustration: 0, jealousy: 0 },
};
const testCli = useCli({
  answers: [
    { tools: [{ name: "Glob", input: { pattern: "*.txt" } }], when: { match: "^Look around" } },
    {
      tools: [{ name: "Bash", input: { command: "printf x >> charged.txt; echo charged-once" } }],
      when: { match: "^Charge the card", said: "^$" },
    },
    { json: ANSWER },
  ],
  // The turn after the tool's result, which is killed while it is under way; the one after that ends.
  faults: [
    ...[1, 3].map((nth) => ({
      kind: "latency" as const,
      ms: 120_000,
      when: { match: "No files found", nth },
    })),
    { kind: "latency", ms: 120_000, when: { match: "charged-once", nth: 1 } },
  ],
});

describe("kill -9 while Claude Code works", () => {
  const settings = { CLAUDE_AGENT_SDK: inject("agentSdk") };
  beforeAll(async () => {
    const plan = {
      tasks: [{ id: "a", agent: "sydney-coder", description: "a", prompt: "Look around.", dependsOn: [] }],
    };
    await writeFile(join(testCli().folder, "plan.json"), JSON.stringify(plan));
  });

  /** Starts a run and kills it in the middle of its second turn. */
  async function killed(plan = "plan.json") {
    const { start, claude } = testCli();
    claude.reset();
    const thread = randomUUID();
    const words = `run orchestrate --plan ${plan} --executor claude-code --auto-approve --no-synthesis --thread ${thread}`;
    const { child, ended } = start(words.split(" "), settings);
    await expect.poll(() => claude.account().requests, { timeout: 30_000 }).toBe(2);
    expect(await processesOf(thread)).not.toEqual([]);
    child.kill("SIGKILL");
    await ended;
    await expect.poll(() => processesOf(thread), { timeout: 10_000 }).toEqual([]);
    return thread;
  }

  async function auditedReport(thread: string) {
    const { schema, claude } = testCli();
    const database = await openDatabase({ url: testDatabaseUrl(), schema });
    await auditLedger(database, thread, claude);
    const report = await reportThread(database, thread);
    await database.close();
    return report;
  }

  it("leaves no process behind, and a resume goes on in the session: nothing is paid for twice", async () => {
    const thread = await killed();
    const { code, stderr } = await testCli().run(["resume", thread], settings);

    expect(code, stderr).toBe(0);
    const { status, tasks, calls } = await auditedReport(thread);
    expect(status).toBe("completed");
    expect(tasks[0]).toMatchObject({ attempts: 1, output: "The work." });
    expect(calls).toMatchObject({ paid: 2, unknown: 1, replayed: 0 });
  });

  it("is made good without the session as well: what was said is replayed from the ledger", async () => {
    const thread = await killed();
    await rm(join(testCli().folder, ".decurion", "claude-code"), { recursive: true });
    const { code, stderr } = await testCli().run(["resume", thread], settings);

    expect(code, stderr).toBe(0);
    const { tasks, calls } = await auditedReport(thread);
    expect(tasks[0]).toMatchObject({ attempts: 1, output: "The work." });
    expect(calls).toMatchObject({ paid: 2, unknown: 1, replayed: 1 });
  });

  it("runs no finished tool again without its session, and nothing that it said is paid for twice", async () => {
    const { folder } = testCli();
    const task = {
      id: "a",
      agent: "sydney-coder",
      description: "a",
      prompt: "Charge the card.",
      dependsOn: [],
    };
    await writeFile(join(folder, "charge.json"), JSON.stringify({ tasks: [task] }));
    const thread = await killed("charge.json");
    await rm(join(folder, ".decurion", "claude-code"), { recursive: true });

    const { code, stderr } = await testCli().run(["resume", thread], { ...settings, MAX_TOKENS: "3000" });

    expect(code, stderr).toBe(0);
    const { tasks, calls } = await auditedReport(thread);
    expect(tasks[0]).toMatchObject({ attempts: 1, output: "The work." });
    expect(calls).toMatchObject({ paid: 2, unknown: 1, replayed: 1 });
    const charged = await readFile(
      join(workspaceFolder(join(folder, ".decurion"), thread), "charged.txt"),
      "utf8",
    );
    expect(charged).toBe("x");
  });
});
