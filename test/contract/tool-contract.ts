import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { PACKAGE_FOLDER, useEngine } from "../support/engine.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const WORKSPACE = mkdtempSync(join(tmpdir(), "decurion-contract-"));
const AGENTS = mkdtempSync(join(tmpdir(), "decurion-agents-"));
writeFileSync(
  join(AGENTS, "worker.md"),
  "---\nname: worker\ndescription: Works with tools.\ntools: Read, Write, Glob, Bash\n---\n\nYou work with tools.\n",
);
const OUTSIDE = mkdtempSync(join(tmpdir(), "decurion-outside-"));
mkdirSync(join(WORKSPACE, ".decurion"));
for (const folder of [OUTSIDE, join(WORKSPACE, ".decurion")])
  writeFileSync(join(folder, "secret.txt"), "a secret");
symlinkSync(OUTSIDE, join(WORKSPACE, "link"));
const inWorkspace = (name: string) => join(WORKSPACE, name);

const answer = (summary: string) => ({
  summary,
  output: "The work.",
  confidence: 0.9,
  emotionalState: { focus: 1, curiosity: 0, confidence: 1, doubt: 0, frustration: 0, jealousy: 0 },
});
const write = (name: string) => ({
  name: "Write",
  input: { file_path: inWorkspace(name), content: `This is ${name}.\n` },
});
const bash = (command: string) => ({ name: "Bash", input: { command, description: "Do it" } });

/** Every way by which an agent of Claude Code's makes another one work, and two by which a shell does. */
const SPAWNING = [
  { name: "Task", input: { description: "Do it", prompt: "Do it.", subagent_type: "general-purpose" } },
  { name: "Agent", input: { description: "Do it", prompt: "Do it.", subagent_type: "general-purpose" } },
  { name: "Workflow", input: { script: "await agent('Do it.')" } },
  { name: "Skill", input: { skill: "batch", args: "Do it." } },
  { name: "SendMessage", input: { to: "main", message: "Do it." } },
  bash(`"${process.execPath}" "${join(PACKAGE_FOLDER, "src/cli/launch.mjs")}" run orchestrate "Do it." 2>&1`),
];
/** Ways out of the workspace, and to what is hidden in it. */
const ESCAPES = [
  { name: "Read", input: { file_path: "/etc/passwd" } },
  { name: "Read", input: { file_path: inWorkspace("../../etc/passwd") } },
  { name: "Read", input: { file_path: inWorkspace("link/secret.txt") } },
  { name: "Read", input: { file_path: inWorkspace(".decurion/secret.txt") } },
  { name: "Write", input: { file_path: join(OUTSIDE, "new.txt"), content: "x" } },
  { name: "Write", input: { file_path: inWorkspace("link/new.txt"), content: "x" } },
  { name: "Write", input: { file_path: inWorkspace(".decurion/new.txt"), content: "x" } },
];
/** Ten MB every 30 ms: the watch has time to see it. */
const HOG = `"${process.execPath}" -e "const all=[];setInterval(()=>all.push(Buffer.alloc(1e7,1)),30)"`;

/**
 * What every driver keeps to whose agents have tools.
 *
 * @param nestedAgent - a shell command that starts Claude Code, where it is installed.
 */
export function toolContract(
  executor: string,
  environment: () => Record<string, string> = () => ({}),
  nestedAgent?: () => string,
): void {
  describe(`tools with the driver ${executor}`, () => {
    const testEngine = useEngine({
      environment: {
        DECURION_HOME: join(WORKSPACE, ".decurion"),
        AGENT_MEMORY_MB: "600",
        BUDGET_USD: "5",
        ...environment(),
      },
      scenario: {
        answers: [
          { tools: [write("used.txt")], when: { match: "^Use tools" } },
          {
            tools: [{ name: "Read", input: { file_path: inWorkspace("used.txt") } }],
            when: { match: "used\\.txt", said: "^$", times: 1 },
          },
          { json: answer("read"), when: { match: "This is used\\.txt" } },
          { tools: [write("asked.txt"), write("more.txt")], when: { match: "^Ask first" } },
          { json: answer("refused"), when: { match: "did not allow" } },
          { json: answer("written"), when: { match: "asked\\.txt" } },
          { tools: ESCAPES, when: { match: "^Get out" } },
          { json: answer("out"), when: { match: "root:|a secret" } },
          { json: answer("alone"), when: { match: "agents never start agents|Cannot find module" } },
          { json: answer("kept in"), when: { match: "passwd|new\\.txt|outside|denied|permission" } },
          { tools: SPAWNING, when: { match: "^Start others" } },
          ...(nestedAgent ? [{ tools: [bash(nestedAgent())], when: { match: "^Start Claude Code" } }] : []),
          { json: answer("frugal"), when: { match: "^Eat memory[^]*Earlier attempts" } },
          { tools: [bash(HOG)], when: { match: "^Eat memory" } },
          { json: answer("easy"), when: { match: "^Easy" } },
        ],
      },
    });
    const task = (prompt: string, id = "a") => ({
      id,
      agent: "worker",
      description: id,
      prompt,
      dependsOn: [],
    });
    const runTasks = (prompts: readonly string[], options: object = {}) =>
      testEngine().run(
        { input: "x", currentTasks: prompts.map((prompt, index) => task(prompt, `t${index}`)) },
        {
          autoApprove: ["plan", "tool", "result"],
          synthesis: false,
          executor,
          agentsDir: AGENTS,
          workspace: WORKSPACE,
          ...options,
        },
      );
    const callsOf = async (thread: string) => {
      const { rows } = await testEngine().engine.database.pool.query(
        "SELECT name, status, turn FROM tool_calls WHERE thread_id = $1 ORDER BY turn, position",
        [thread],
      );
      return rows;
    };

    it("uses them in the workspace, and each call is a row", async () => {
      const report = await runTasks(["Use tools."]);

      expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "read", attempts: 1 });
      expect(readFileSync(inWorkspace("used.txt"), "utf8")).toBe("This is used.txt.\n");
      expect(await callsOf(report.thread)).toEqual([
        { name: "Write", status: "done", turn: 1 },
        { name: "Read", status: "done", turn: 2 },
      ]);
      expect(report.calls).toMatchObject({ paid: 3, unknown: 0 });
    });

    describe("asks a human before a call that must be allowed", () => {
      const asked = () => runTasks(["Ask first."], { autoApprove: ["plan"], ask: { tool: "writes" } });
      /** Decides about all that is asked, again and again. */
      const decide = async (report: Awaited<ReturnType<typeof asked>>, decision: Decision) => {
        const { engine, run } = testEngine();
        let stand = report;
        while (stand.waiting.length > 0) {
          expect(stand.waiting.map(({ kind, task: id }) => [kind, id])).toContainEqual(["tool", "t0"]);
          for (const { id } of stand.waiting) {
            await recordAnswer(engine, id, decision, { by: null, via: "cli" });
          }
          const step = await nextInput(graph, engine.database, report.thread);
          stand = await run("input" in step && step.input, {}, report.thread);
        }
        return stand;
      };

      it("and goes on when it is allowed: nothing is bought or done twice", async () => {
        const { claude } = testEngine();
        claude.reset();
        const report = await asked();
        expect(report.waiting[0]).toMatchObject({ kind: "tool", task: "t0" });
        expect(() => readFileSync(inWorkspace("asked.txt"))).toThrow();

        const done = await decide(report, { type: "approve" });
        expect(done.tasks[0]).toMatchObject({ status: "completed", summary: "written", attempts: 1 });
        expect(readFileSync(inWorkspace("asked.txt"), "utf8")).toBe("This is asked.txt.\n");
        expect(new Set((await callsOf(report.thread)).map(({ status }) => status))).toEqual(
          new Set(["done"]),
        );
        expect(done.calls).toMatchObject({ unknown: 0, paid: claude.account().answers });
        await auditLedger(testEngine().engine.database, report.thread, claude);
      });

      it("and tells the agent that it was not", async () => {
        const report = await asked();
        const done = await decide(report, { type: "reject", message: "Not today." });

        expect(done.tasks[0]).toMatchObject({ status: "completed", summary: "refused", attempts: 1 });
        const statuses = (await callsOf(report.thread)).map(({ status }) => status);
        expect(new Set(statuses)).toEqual(new Set(["rejected"]));
      });

      it("whose input a human may change", async () => {
        const report = await asked();
        const args = { file_path: inWorkspace("asked.txt"), content: "Written otherwise.\n" };
        const done = await decide(report, { type: "edit", args });

        expect(done.tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
        expect(readFileSync(inWorkspace("asked.txt"), "utf8")).toBe("Written otherwise.\n");
      });
    });

    it("keeps them to the workspace, and from what is hidden in it", async () => {
      const report = await runTasks(["Get out."]);

      expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "kept in" });
      const statuses = (await callsOf(report.thread)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set(["failed"]));
      for (const folder of [OUTSIDE, join(WORKSPACE, ".decurion")]) {
        expect(existsSync(join(folder, "new.txt"))).toBe(false);
      }
    });

    it("starts no agents, by whatever way it is ordered to", async () => {
      const { claude } = testEngine();
      claude.reset();
      const report = await runTasks(["Start others."]);

      expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "alone" });
      expect(claude.account().requests).toBe(2);
      expect(report.calls.paid).toBe(2);
    });

    if (nestedAgent) {
      it("fails when it has got another one to ask Claude, which is refused", async () => {
        const { claude } = testEngine();
        claude.reset();
        const report = await runTasks(["Start Claude Code."]);

        expect(report.tasks[0]).toMatchObject({ status: "failed", attempts: 1 });
        expect(report.tasks[0]?.error).toContain("started another agent");
        expect(claude.account().requests).toBe(1);
      });
    }

    it("may take memory up to the bound: passing it fails that attempt alone, which may be made again", async () => {
      const report = await runTasks(["Eat memory.", "Easy."]);

      expect(report.tasks[0]).toMatchObject({ status: "completed", summary: "frugal", attempts: 2 });
      expect(report.tasks[1]).toMatchObject({ status: "completed", summary: "easy", attempts: 1 });
      const { rows } = await testEngine().engine.database.pool.query(
        "SELECT failure, digest FROM task_attempts WHERE session_id = $1",
        [report.thread],
      );
      expect(rows).toMatchObject([{ failure: "memory" }]);
    });
  });
}
