import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";
import { testFolder } from "../support/workspace.ts";

const HOME = mkdtempSync(join(tmpdir(), "decurion-room-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));

/** A text of so many tokens in which no part repeats another. */
const textOf = (tokens: number) =>
  Array.from({ length: tokens / 2 }, (_, at) => `w${at} `.padStart(8)).join("");
const BOOK = textOf(20_000);
const LAST = '\n<result>{"summary": "the book", "confidence": 0.8}</result>';
const write = (content: string) => [{ name: "Write", input: { file_path: "book.txt", content } }];
const read = (part: number) => ({
  name: "Read",
  input: { file_path: "long.txt", offset: part * 400 + 1, limit: 400 },
});

const testEngine = useEngine({
  environment: { DECURION_HOME: HOME },
  scenario: {
    answers: [
      { text: `${BOOK}${LAST}`, when: { match: "^write a long book" } },
      // More than the model can say at once.
      { tools: write(textOf(140_000)), when: { match: "^put it into a file" } },
      { tools: write("a part"), when: { match: "Nothing of this turn ran[^]*in smaller parts" } },
      { text: "Done in parts.", when: { match: "book.txt" } },
      { tools: [0, 1, 2, 3].map(read), when: { match: "^read on|^ *\\d+\tline", times: 15 } },
      { text: "Read it all.", when: { match: "^ *\\d+\tline" } },
      { text: "So far", cut: "window", when: { match: "^fill it without tools" } },
    ],
  },
});
const OPTIONS = { autoApprove: ["plan" as const, "tool" as const], synthesis: false };
const agents = () =>
  folderWith({
    "writer.md": agentFile("writer", "tools: Write\n"),
    "reader.md": agentFile("reader", "tools: Read\nmodel: claude-haiku-4-5\n"),
  });
const task = (prompt: string, agent = "sydney-coder", id = "a") => ({
  id,
  agent,
  description: "d",
  prompt,
  dependsOn: [] as string[],
});

async function turnsOf(thread: string) {
  const { rows } = await testEngine().engine.database.pool.query<{ attempt: number; output: number }>(
    `SELECT attempt, output_tokens AS "output" FROM claude_calls WHERE thread_id = $1 ORDER BY attempt, turn`,
    [thread],
  );
  return rows;
}

describe("a task whose answer takes 20,000 tokens", () => {
  it("completes in its first attempt within the default budget, and pays for these tokens alone", async () => {
    const report = await testEngine().run({ input: "x", currentTasks: [task("write a long book")] }, OPTIONS);

    expect(report.tasks).toMatchObject([{ status: "completed", attempts: 1, summary: "the book" }]);
    expect(report.tasks[0]?.output).toBe(BOOK.trim());
    expect(report.budgetUsd).toBe(0.3);
    expect(report.tokens.output).toBeLessThan(1.05 * 20_000);
  });

  it("does so in parts when siblings share the budget: the text is whole, and no part is paid for twice", async () => {
    const small = Array.from({ length: 5 }, (_, index) => task("small", "sydney-coder", `s${index}`));
    const plan = { input: "x", currentTasks: [task("write a long book"), ...small] };
    const report = await testEngine().run(plan, { ...OPTIONS, budgetUsd: 0.5, parallel: 6 });

    expect(report.status).toBe("completed");
    expect(report.peakParallel).toBe(6);
    expect(report.tasks[0]).toMatchObject({ attempts: 1, output: BOOK.trim() });
    const parts = (await turnsOf(report.thread)).filter(({ output }) => output > 1000);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce((sum, { output }) => sum + output, 0)).toBeLessThan(1.3 * 20_000);
  });
});

it("all lanes run side by side within the default budget", async () => {
  const plan = Array.from({ length: 10 }, (_, index) => task("small", "sydney-coder", `s${index}`));
  const report = await testEngine().run({ input: "x", currentTasks: plan }, { ...OPTIONS, parallel: 10 });
  expect(report).toMatchObject({ status: "completed", budgetUsd: 0.3 });
  const { rows } = await testEngine().engine.database.pool.query<{ least: number }>(
    "SELECT min(reserved_usd)::float8 AS least FROM claude_calls WHERE thread_id = $1",
    [report.thread],
  );
  expect(rows[0]?.least).toBeGreaterThan(2048 * 10e-6);
});

it("a tool call without room does not run in part: it is asked for with more room, then in smaller parts", async () => {
  const workspace = await testFolder();
  const plan = { input: "x", currentTasks: [task("put it into a file", "writer")] };
  const options = { ...OPTIONS, agentsDir: await agents(), workspace, budgetUsd: 10 };
  const report = await testEngine().run(plan, options);

  expect(report.tasks).toMatchObject([{ status: "completed", attempts: 1, output: "Done in parts." }]);
  expect(readFileSync(join(workspace, "book.txt"), "utf8")).toBe("a part");
});

describe("a conversation that is longer than its model's window", () => {
  it("goes on without its oldest results, and no request is refused", async () => {
    const workspace = await testFolder();
    const lines = Array.from({ length: 1600 }, (_, at) => `line ${at} ${"x".repeat(40)}`);
    writeFileSync(join(workspace, "long.txt"), lines.join("\n"));
    const plan = { input: "x", currentTasks: [task("read on and on", "reader")] };
    const options = { ...OPTIONS, agentsDir: await agents(), workspace, budgetUsd: 50 };
    const report = await testEngine().run(plan, options);

    expect(report.tasks).toMatchObject([{ status: "completed", attempts: 1, output: "Read it all." }]);
    expect(report.calls).toMatchObject({ paid: 16, failed: 0, unknown: 0 });
    expect(existsSync(join(workspace, "long.txt"))).toBe(true);
  });

  it("with nothing to leave out is put to a human after one attempt, who may take what there is", async () => {
    const plan = { input: "x", currentTasks: [task("fill it without tools")] };
    const report = await testEngine().run(plan, { ...OPTIONS, budgetUsd: 5 });

    expect(report.tasks).toMatchObject([{ status: "waiting", attempts: 1 }]);
    expect(report.waiting).toMatchObject([
      { kind: "failure", summary: expect.stringContaining("window is full") },
    ]);
  });
});
