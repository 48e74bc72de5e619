import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { answerDue, getRequest } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { reportThread } from "../../src/runs/report.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { NO_END } from "../support/no-end.ts";

const testEngine = useEngine({
  scenario: {
    answers: [{ text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } }],
  },
});

const APPROVES: ThreadOptions = { deadline: { seconds: 600, answer: "approve" } };
const REJECTS: ThreadOptions = { deadline: { seconds: 600, answer: "reject" } };

async function asked(options: ThreadOptions, input: object = { input: "@sydney-coder write" }) {
  const report = await testEngine().run(input, { synthesis: false, escalation: false, ...options });
  expect(report.status).toBe("waiting");
  return { ...report, id: report.waiting[0]?.id ?? "" };
}

/** As if so much time had gone by. */
async function wait(id: string, seconds: number) {
  const { pool } = testEngine().engine.database;
  await pool.query("UPDATE requests SET deadline_at = deadline_at - $2 * interval '1 second' WHERE id = $1", [
    id,
    seconds,
  ]);
}

async function goOn(thread: string) {
  const { engine, run } = testEngine();
  const step = await nextInput(graph, engine.database, thread);
  return "input" in step ? run(step.input, {}, thread) : reportThread(engine.database, thread);
}

const requestOf = (id: string) => getRequest(testEngine().engine.database, id);

describe("a request with a deadline", () => {
  it("is shown with it, and stays open until then", async () => {
    const { id, thread, waiting } = await asked(APPROVES);
    await wait(id, 590);

    expect(Date.parse(waiting[0]?.deadlineAt ?? "")).toBeGreaterThan(Date.now());
    expect(await goOn(thread)).toMatchObject({ status: "waiting" });
    expect(await requestOf(id)).toMatchObject({ status: "open", defaultAnswer: { type: "approve" } });
  });

  it("is answered by default when it has come, and the thread goes on", async () => {
    const { id, thread } = await asked(APPROVES);
    await wait(id, 601);

    const report = await goOn(thread);

    expect(report).toMatchObject({ status: "completed" });
    expect(report.answers).toMatchObject([
      { id, decision: { type: "approve" }, answeredBy: null, answeredVia: "deadline" },
    ]);
  });

  it("that has come no longer takes an answer, whoever looks first", async () => {
    const { id, thread } = await asked(REJECTS);
    await wait(id, 601);
    const { engine } = testEngine();

    await expect(recordAnswer(engine, id, { type: "approve" }, ANA)).rejects.toThrow(
      /already answered with "reject" \(deadline\)/,
    );
    await expect(testEngine().run(new Command({ resume: "approve" }), {}, thread)).rejects.toThrow(
      /deadline/,
    );
    expect(await goOn(thread)).toMatchObject({ status: "cancelled" });
  });

  it("that was answered before keeps that answer", async () => {
    const { id } = await asked(REJECTS);
    const { engine } = testEngine();
    await recordAnswer(engine, id, { type: "approve" }, ANA);
    await wait(id, 601);
    await answerDue(engine.database);
    expect(await requestOf(id)).toMatchObject({ answer: { type: "approve" }, answeredVia: "cli" });
  });

  it("is answered once, however many look", async () => {
    const { id } = await asked(APPROVES);
    await wait(id, 601);
    const { engine } = testEngine();
    await answerDue(engine.database);
    const { answeredAt } = await requestOf(id);
    await Promise.all(Array.from({ length: 8 }, () => answerDue(engine.database)));
    expect(await requestOf(id)).toMatchObject({ answeredAt, answeredVia: "deadline" });
  });
});

describe("what must not be bought by default", () => {
  it("a budget and a failure have no deadline under approve", async () => {
    const budget = await asked({ ...APPROVES, autoApprove: ["plan"], budgetUsd: 0.001 });
    expect(budget.waiting).toMatchObject([{ kind: "budget" }]);
    expect(await requestOf(budget.id)).toMatchObject({ deadlineAt: null, defaultAnswer: null });
    const failure = await asked(
      { ...APPROVES, autoApprove: ["plan"], budgetUsd: 5 },
      { input: "@sydney-coder garbled" },
    );
    expect(failure.waiting).toMatchObject([{ kind: "failure" }]);
    expect(await requestOf(failure.id)).toMatchObject({ deadlineAt: null, defaultAnswer: null });
  });

  it("a failure is given up under reject", async () => {
    const { id, thread } = await asked(
      { ...REJECTS, autoApprove: ["plan"], budgetUsd: 5 },
      { input: "@sydney-coder garbled" },
    );
    await wait(id, 601);
    const report = await goOn(thread);
    expect(report.status).toBe("failed");
    expect(report.tasks[0]?.error).toMatch(/Nobody answered in time/);
  });
});

describe("new input on a thread that waits", () => {
  it("is refused with a sentence that says how to answer", async () => {
    const { id, thread } = await asked({});
    await expect(testEngine().run({ input: "something else" }, {}, thread)).rejects.toThrow(
      new RegExp(`waits for an answer to ${id}, .*"answer ${id} approve\\|edit\\|reject".*another thread`),
    );
    expect(await requestOf(id)).toMatchObject({ status: "open" });
  });

  it("is refused while an answer is recorded that it has not gone on with", async () => {
    const { id, thread } = await asked({});
    const { engine, run } = testEngine();
    await recordAnswer(engine, id, { type: "approve" }, ANA);
    await expect(run({ input: "something else" }, {}, thread)).rejects.toThrow(`"resume ${thread}" first`);
    expect(await goOn(thread)).toMatchObject({ status: "completed" });
  });
});
