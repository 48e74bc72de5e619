import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { listTasks } from "../../src/postgres/agent-coordination/tasks.ts";
import { listRequests, openRequests } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { NO_END } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const HOME = mkdtempSync(join(tmpdir(), "decurion-early-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));

const testEngine = useEngine({
  environment: { BUDGET_USD: "20", DECURION_HOME: HOME },
  scenario: {
    answers: [
      { tools: [{ name: "Bash", input: { command: "mkfifo held && cat held" } }], when: { match: "^long" } },
      { tools: [{ name: "Bash", input: { command: "echo yes" } }], when: { match: "^use" } },
      { tools: [{ name: "ask_human", input: { question: "Which one?" } }], when: { match: "^choose" } },
      { json: GOOD, when: { match: "A human[^]*use JSON" } },
      { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
      { json: GOOD, when: { match: "" } },
    ],
  },
});
const task = (id: string, agent: string, prompt: string) => {
  return { id, agent, description: id, prompt, dependsOn: [] as string[] };
};

/** Runs a task beside one that is at work until it is released; `during` is called as soon as a human is asked. */
async function beside(prompt: string, during: (requestId: string, thread: string) => Promise<unknown>) {
  const { run, engine } = testEngine();
  const agentsDir = await folderWith({
    "careful.md": agentFile("careful", "tools: Bash, ask_human\nask: writes\n"),
  });
  const options: ThreadOptions = {
    agentsDir,
    autoApprove: ["plan"],
    synthesis: false,
    escalation: false,
    ask: { tool: "never" },
  };
  const thread = randomUUID();
  const currentTasks = [task("long", "sydney-coder", "long work"), task("asks", "careful", prompt)];
  const running = run({ input: "x", currentTasks }, options, thread);
  const held = join(HOME, "workspaces", thread, "held");
  await expect.poll(() => existsSync(held), { timeout: 10_000 }).toBe(true);
  await expect.poll(() => openRequests(engine.database, thread), { timeout: 10_000 }).toHaveLength(1);
  const [request] = await openRequests(engine.database, thread);
  const statuses = (await listTasks(engine.database, thread)).map(({ status }) => status);
  await during(request?.id ?? "", thread);
  await writeFile(held, "");
  return { request, statuses, report: await running };
}

async function askedOf(thread: string) {
  const requests = await listRequests(testEngine().engine.database, thread, 100);
  return requests.filter(({ kind }) => kind !== "plan");
}

const KINDS: [string, string, Decision][] = [
  ["tool", "use a tool", { type: "approve" }],
  ["question", "choose one", { type: "respond", message: "This one" }],
  ["failure", "garbled", { type: "respond", message: "use JSON" }],
];

describe("what a task waits for while another is at work", () => {
  it.each(KINDS)(
    "is asked at once (%s); answered by then, the run never stops for it",
    async (kind, prompt, decision) => {
      const { engine } = testEngine();

      const { request, statuses, report } = await beside(prompt, (id) =>
        recordAnswer(engine, id, decision, ANA),
      );

      expect(statuses).toEqual(["running", "waiting"]);
      expect(request).toMatchObject({ kind, taskId: "asks", status: "open" });
      expect(report).toMatchObject({ status: "completed", waiting: [] });
      const asked = await askedOf(report.thread);
      expect(asked).toMatchObject([{ id: request?.id, answer: decision, answeredBy: ANA.by }]);
    },
  );

  it.each(KINDS)(
    "is the same request when the gate asks it, unanswered (%s)",
    async (_, prompt, decision) => {
      const { engine, run } = testEngine();

      const { request, report } = await beside(prompt, async () => undefined);

      expect(report).toMatchObject({ status: "waiting", waiting: [{ id: request?.id }] });
      await recordAnswer(engine, request?.id ?? "", decision, ANA);
      const step = await nextInput(graph, engine.database, report.thread);
      const done = await run("input" in step ? step.input : null, {}, report.thread);
      expect(done).toMatchObject({ status: "completed", waiting: [] });
      expect(await askedOf(report.thread)).toHaveLength(1);
    },
  );

  it("has its default answer at a deadline that comes by then, without a stop", async () => {
    const { engine } = testEngine();
    const { report } = await beside("choose one", (id) =>
      engine.database.pool.query(
        `UPDATE requests SET deadline_at = clock_timestamp(), default_answer = '{"type":"respond","message":"none"}'
         WHERE id = $1`,
        [id],
      ),
    );
    expect(report.status).toBe("completed");
    expect(await askedOf(report.thread)).toMatchObject([{ answeredVia: "deadline" }]);
  });
});
