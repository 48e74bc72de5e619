import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { messageOf } from "../../src/domain/errors.ts";
import { findRequests, getRequest, listRequests } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { questionsOf } from "../../src/runs/questions.ts";
import { ANA, BEN } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { NO_END } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const testEngine = useEngine({
  environment: { BUDGET_USD: "20" },
  scenario: {
    answers: [
      { json: GOOD, when: { match: "A human[^]*use JSON" } },
      { json: GOOD, when: { match: "easy" } },
      { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
    ],
  },
});

/** One lane, so that the tasks come to wait, and are asked about, in the plan's order. */
const OPTIONS = { parallel: 1, autoApprove: ["plan" as const], synthesis: false, escalation: false };
const MEND = { type: "respond", message: "use JSON" } as const;

/** A thread in which so many tasks have failed and wait, each with a task that depends on it. */
async function failing(count: number) {
  const tasks = Array.from({ length: count }, (_, index) => [
    { id: `bad${index}`, agent: "sydney-coder", description: "x", prompt: "garbled", dependsOn: [] },
    {
      id: `after${index}`,
      agent: "sydney-coder",
      description: "x",
      prompt: "easy",
      dependsOn: [`bad${index}`],
    },
  ]).flat();
  const report = await testEngine().run({ input: "x", currentTasks: tasks }, OPTIONS);
  expect(report.status).toBe("waiting");
  const idOf = (task: string) => report.waiting.find((request) => request.task === task)?.id ?? "";
  return { ...report, idOf, interruptId: await interruptOf(report.thread) };
}

async function interruptOf(thread: string) {
  const [question] = questionsOf(await graph.getState({ configurable: { thread_id: thread } }));
  return question?.interruptId ?? "";
}

const resumed = (thread: string, resume: unknown) => testEngine().run(new Command({ resume }), {}, thread);
const statuses = (report: { tasks: readonly { id: string; status: string }[] }) =>
  Object.fromEntries(report.tasks.map(({ id, status }) => [id, status]));

describe("an answer to some of several requests", () => {
  it("goes on with those tasks and what depends on them; the rest stay asked, by the same ids, once", async () => {
    const { thread, idOf, interruptId } = await failing(3);
    const { engine } = testEngine();

    const report = await resumed(thread, { [interruptId]: { [idOf("bad1")]: MEND } });

    expect(report.status).toBe("waiting");
    expect(statuses(report)).toEqual({
      bad0: "waiting",
      after0: "pending",
      bad1: "completed",
      after1: "completed",
      bad2: "waiting",
      after2: "pending",
    });
    expect(report.waiting.map(({ id }) => id)).toEqual([idOf("bad0"), idOf("bad2")]);
    const questions = questionsOf(await graph.getState({ configurable: { thread_id: thread } }));
    expect(questions.map(({ requestIds }) => requestIds)).toEqual([[idOf("bad0"), idOf("bad2")]]);
    const all = await listRequests(engine.database, thread, 100);
    expect(all.filter(({ kind }) => kind === "failure")).toHaveLength(3);
  });

  it("is a list with null for not yet, or an object by id, by any interrupt's id or none", async () => {
    const { thread, idOf, interruptId } = await failing(4);

    await resumed(thread, { [interruptId]: { decisions: [null, null, null, MEND] } });
    const next = await interruptOf(thread);
    expect(next).not.toBe(interruptId);
    await resumed(thread, { [interruptId]: { [idOf("bad0")]: MEND } });
    await resumed(thread, { [idOf("bad1")]: { type: "reject", message: "no need" } });
    const report = await resumed(thread, { decisions: [MEND] });

    expect(report.status).toBe("partial");
    expect(statuses(report)).toEqual({
      bad0: "completed",
      after0: "completed",
      bad1: "failed",
      after1: "blocked",
      bad2: "completed",
      after2: "completed",
      bad3: "completed",
      after3: "completed",
    });
  });

  it.each([
    ["a list that is too short", () => ({ decisions: [MEND] }), /are 2 requests but 1 decision: .* null/],
    ["one word for several", () => "retry", /are 2 requests but 1 decision/],
    ["nothing but not yet", () => [null, null], /decides nothing/],
    [
      "an unknown id beside a right one",
      (id: string) => ({ [id]: MEND, "failure-00000000": MEND }),
      /no request/,
    ],
    [
      "a wrong decision beside a right one",
      (id: string, other: string) => ({ [id]: MEND, [other]: "perhaps" }),
      /must be approve/,
    ],
  ])("that is wrong changes nothing: %s", async (_, resume, says) => {
    const { thread, idOf, waiting } = await failing(2);
    const { engine } = testEngine();

    await expect(resumed(thread, resume(idOf("bad0"), idOf("bad1")))).rejects.toThrow(says);

    const requests = await findRequests(
      engine.database,
      waiting.map(({ id }) => id),
    );
    expect(requests.map(({ status, answer }) => [status, answer])).toEqual([
      ["open", null],
      ["open", null],
    ]);
    const report = await resumed(thread, { [idOf("bad0")]: MEND, [idOf("bad1")]: MEND });
    expect(report.status).toBe("completed");
  });

  it("about another thread's request, or one that was answered before, is refused", async () => {
    const { thread, idOf } = await failing(2);
    const other = await failing(1);
    const foreign = other.idOf("bad0");

    await expect(resumed(thread, { [foreign]: MEND })).rejects.toThrow(
      `belongs to another thread, ${other.thread}`,
    );
    await resumed(thread, { [idOf("bad0")]: MEND });
    await expect(resumed(thread, { [idOf("bad0")]: "reject" })).rejects.toThrow(
      /already answered with "respond" \(sdk\) at 20.*That answer counts/,
    );
    await expect(resumed(thread, { [idOf("bad0")]: MEND })).rejects.toThrow(
      `has already continued with that answer; it waits for ${idOf("bad1")}`,
    );
  });
});

describe("ten requests that two people answer at once, in any order", () => {
  it("keep the first answer each; who came late is told by whom and when", async () => {
    const { thread, waiting } = await failing(10);
    const { engine, run } = testEngine();
    const ids = waiting.map(({ id }) => id);
    const orders = [ids.toSorted(), ids.toSorted().toReversed()];
    const people = [ANA, BEN];

    const outcomes = await Promise.all(
      orders.flatMap((order, index) =>
        order.map(async (id) => {
          const decision = { type: "respond", message: `use JSON, says ${index}` } as const;
          const lost = await recordAnswer(engine, id, decision, people[index] ?? ANA).then(
            () => null,
            messageOf,
          );
          return { id, index, lost };
        }),
      ),
    );

    for (const id of ids) {
      const both = outcomes.filter((outcome) => outcome.id === id);
      const won = both.find(({ lost }) => lost === null);
      const { answer, answeredBy } = await getRequest(engine.database, id);
      expect(answer).toEqual({ type: "respond", message: `use JSON, says ${won?.index}` });
      expect(answeredBy).toBe(people[won?.index ?? 0]?.by);
      expect(both.find(({ lost }) => lost !== null)?.lost).toMatch(
        new RegExp(`${id} was already answered with "respond" by ${answeredBy} \\(\\w+\\) at 20`),
      );
    }
    const step = await nextInput(graph, engine.database, thread);
    const report = await run("input" in step ? step.input : null, {}, thread);
    expect(report).toMatchObject({ status: "completed", waiting: [] });
  });
});
