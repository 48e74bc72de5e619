import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { getRequest } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { questionsOf } from "../../src/runs/questions.ts";
import { recordResume } from "../../src/runs/resume.ts";
import { ANA, BEN } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();
const EDITED = { tasks: [{ id: "mine", agent: "sydney-coder", prompt: "Write." }] };

/** A thread that waits, with the question it asks. */
async function asked() {
  const { run, engine } = testEngine();
  const { thread, waiting } = await run({ input: "@sydney-research look @sydney-coder write" });
  const questions = questionsOf(await graph.getState({ configurable: { thread_id: thread } }));
  const requestId = waiting[0]?.id ?? "";
  const answerOf = async () => (await getRequest(engine.database, requestId)).answer;
  return { engine, thread, questions, requestId, answerOf, interruptId: questions[0]?.interruptId ?? "" };
}

describe("an answer through a LangGraph client", () => {
  it("names the question by our id or LangGraph's", async () => {
    const { questions, requestId, interruptId } = await asked();
    expect(questions).toEqual([{ interruptId, requestIds: [requestId] }]);
    expect(interruptId).toMatch(/^[0-9a-f]{32}$/);
    expect(requestId).toMatch(/^plan-[0-9a-f]{8}$/);
  });

  it.each([
    ["a word", () => "approve", { type: "approve" }],
    ["one decision", () => ({ type: "reject", message: "no" }), { type: "reject", message: "no" }],
    ["LangChain's list", () => ({ decisions: [{ type: "approve" }] }), { type: "approve" }],
    ["a bare list", () => [{ type: "accept", args: null }], { type: "approve" }],
    ["our id", (id: string) => ({ [id]: { type: "approve" } }), { type: "approve" }],
    ["an interrupt id", (_: string, interrupt: string) => ({ [interrupt]: "approve" }), { type: "approve" }],
    [
      "an edit, camelCase",
      () => ({ type: "edit", editedAction: { name: "plan", args: EDITED } }),
      { type: "edit", args: EDITED },
    ],
    [
      "an edit, snake_case",
      () => ({ type: "edit", edited_action: { name: "plan", args: EDITED } }),
      { type: "edit", args: EDITED },
    ],
  ])("is taken as %s", async (_, resume, standing) => {
    const { engine, thread, questions, requestId, interruptId, answerOf } = await asked();

    await recordResume(engine, {
      threadId: thread,
      questions,
      value: resume(requestId, interruptId),
      answerer: BEN,
    });

    expect(await answerOf()).toEqual(standing);
  });

  it.each([
    ["an unknown word", () => "perhaps", /must be approve/],
    ["nothing", () => null, /decides nothing/],
    ["too many decisions", () => ({ decisions: ["approve", "approve"] }), /1 request but 2 decisions/],
    ["none", () => ({ decisions: [] }), /1 request but 0 decisions/],
    ["a response where none is asked for", () => ({ type: "respond", message: "hi" }), /not with respond/],
    ["an edit that cannot be run", () => ({ type: "edit", args: { tasks: [] } }), /it has no tasks/],
    ["another question's id", () => ({ ["0".repeat(32)]: "approve" }), /no open interrupt 0{32}/],
  ])("is refused and changes nothing: %s", async (_, resume, says) => {
    const { engine, thread, questions, answerOf } = await asked();

    await expect(
      recordResume(engine, { threadId: thread, questions, value: resume(), answerer: BEN }),
    ).rejects.toThrow(says);
    await expect(
      recordResume(engine, { threadId: thread, questions, value: resume(), answerer: BEN }),
    ).rejects.toThrow(UsageError);

    expect(await answerOf()).toBeNull();
  });

  it("is refused where nothing is asked", async () => {
    const { engine, thread } = await asked();
    await expect(
      recordResume(engine, { threadId: thread, questions: [], value: "approve", answerer: BEN }),
    ).rejects.toThrow(/does not wait for an answer/);
  });
});

describe("of several answers", () => {
  it("the first stands, the same once more is fine, another one is told so", async () => {
    const { engine, requestId, answerOf } = await asked();

    await recordAnswer(engine, requestId, { type: "approve" }, ANA);
    await recordAnswer(engine, requestId, { type: "approve" }, ANA);
    await expect(recordAnswer(engine, requestId, { type: "reject", message: "" }, BEN)).rejects.toThrow(
      /already answered with "approve" by ana@desk \(cli\) at 20.*That answer counts/,
    );

    expect(await answerOf()).toEqual({ type: "approve" });
  });

  it("that race exactly one stands", async () => {
    const { engine, requestId, answerOf } = await asked();
    const race = Array.from({ length: 8 }, (_, index) =>
      recordAnswer(engine, requestId, { type: "reject", message: `reason ${index}` }, ANA),
    );

    const outcomes = await Promise.allSettled(race);

    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(await answerOf()).toMatchObject({ type: "reject" });
  });
});
