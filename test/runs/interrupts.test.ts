import { randomUUID } from "node:crypto";
import { Annotation, Command, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseDecision } from "../../src/domain/decision.ts";
import { answerDue, findRequests, getRequest, openRequests } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { processEngine } from "../../src/runs/engine-holder.ts";
import { reportThread } from "../../src/runs/report.ts";
import { workflow } from "../../src/runs/workflow.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();

const State = Annotation.Root({
  said: Annotation<unknown[]>({ reducer: (known, more) => [...known, ...more], default: () => [] }),
  output: Annotation<string | null>({ reducer: (_, next) => next, default: () => null }),
});

/** A graph whose own nodes ask, with nothing of Decurion's in them. */
function graphOf(name: string, nodes: Record<string, () => unknown>) {
  const builder = new StateGraph(State);
  for (const [node, ask] of Object.entries(nodes)) {
    const run = async () => {
      const said = ask();
      return said === undefined ? {} : { said: [said] };
    };
    const named = builder.addNode(node, run) as StateGraph<never>;
    (named.addEdge as (from: string, to: string) => void)(START, node);
    (named.addEdge as (from: string, to: string) => void)(node, END);
  }
  return workflow(processEngine, name, builder.compile());
}

const one = graphOf("one", { ask: () => interrupt({ question: "Which colour?", colours: ["red", "blue"] }) });
const twice = graphOf("twice", { ask: () => [interrupt("Same?"), interrupt("Same?")] });
const silent = graphOf("silent", { left: () => interrupt("Left?"), right: () => void interrupt("Right?") });
const two = graphOf("two", { left: () => interrupt("Left?"), right: () => interrupt("Right?") });
const strict = graphOf("strict", { ask: () => interrupt("How many?", { responseSchema: z.number() }) });

type Asking = typeof one;
const { signal } = new AbortController();

async function start(graph: Asking, options = {}) {
  const threadId = randomUUID();
  await drive(graph, { said: [] }, { threadId, options, signal });
  return threadId;
}

async function open(threadId: string) {
  return openRequests(testEngine().engine.database, threadId);
}

async function answer(id: string, decision: unknown) {
  await recordAnswer(testEngine().engine, id, parseDecision(decision, id), ANA);
}

/** Goes on with what is answered. @returns what the nodes were given. */
async function goOn(graph: Asking, threadId: string): Promise<unknown> {
  const step = await nextInput(graph, testEngine().engine.database, threadId);
  expect(step).toHaveProperty("input");
  if ("input" in step) await drive(graph, step.input, { threadId, signal });
  return saidIn(graph, threadId);
}

async function saidIn(graph: Asking, threadId: string): Promise<unknown> {
  return (await graph.getState({ configurable: { thread_id: threadId } })).values.said;
}

describe("an interrupt of a graph's own", () => {
  it("is a request in the inbox and the report, with its value and its text in short", async () => {
    const thread = await start(one);
    const [request] = await open(thread);
    expect(request).toMatchObject({
      id: expect.stringMatching(/^interrupt-[0-9a-f]{16}$/),
      kind: "interrupt",
      taskId: null,
      payload: { question: "Which colour?", colours: ["red", "blue"] },
      summary: "Which colour?",
    });
    const report = await reportThread(testEngine().engine.database, thread);
    expect(report).toMatchObject({ status: "waiting", waiting: [{ id: request?.id, kind: "interrupt" }] });
  });

  it.each([
    ["text", { type: "respond", message: "Blue" }, "Blue"],
    ["JSON", { type: "respond", value: { colour: "blue" } }, { colour: "blue" }],
    ["an edit", { type: "edit", args: ["blue"] }, ["blue"]],
    ["a yes", "approve", true],
    ["a no", "reject", false],
    ["a no with a reason", { type: "reject", message: "Ugly." }, { rejected: "Ugly." }],
  ])("is resumed with %s", async (_, decision, value) => {
    const thread = await start(one);
    const [request] = await open(thread);
    await answer(request?.id ?? "", decision);
    expect(await goOn(one, thread)).toEqual([value]);
    expect(await reportThread(testEngine().engine.database, thread)).toMatchObject({
      status: "completed",
      waiting: [],
      answers: [{ kind: "interrupt", answeredBy: ANA.by }],
    });
  });

  it("that asks the same again in the same node is another request", async () => {
    const thread = await start(twice);
    const [first] = await open(thread);
    await answer(first?.id ?? "", { type: "respond", message: "one" });
    await goOn(twice, thread);
    const [second] = await open(thread);
    expect(second?.id).not.toBe(first?.id);
    await answer(second?.id ?? "", { type: "respond", message: "two" });
    expect(await goOn(twice, thread)).toEqual([["one", "two"]]);
  });

  it.each([
    ["", two, [false, true]],
    [", also when it writes nothing", silent, [false]],
  ])("of several goes on when one is answered; the other stays asked%s", async (_, graph, said) => {
    const thread = await start(graph);
    const requests = await open(thread);
    expect(requests.map(({ summary }) => summary).sort()).toEqual(["Left?", "Right?"]);
    const right = requests.find(({ summary }) => summary === "Right?")?.id ?? "";
    await answer(right, "approve");
    await goOn(graph, thread);
    const [left, ...others] = await open(thread);
    expect(others).toEqual([]);
    expect(left?.summary).toBe("Left?");
    await answer(left?.id ?? "", "reject");
    expect(await goOn(graph, thread)).toEqual(said);
  });

  it("is answered at the run's deadline", async () => {
    const { database } = testEngine().engine;
    const thread = await start(one, { deadline: { seconds: 600, answer: "reject" } });
    const [request] = await open(thread);
    const past = "UPDATE requests SET deadline_at = deadline_at - interval '601 seconds' WHERE id = $1";
    await database.pool.query(past, [request?.id]);
    await answerDue(database);
    expect(await goOn(one, thread)).toEqual([{ rejected: "Nobody answered in time." }]);
  });

  it("stays asked when its answer does not fit the schema that it asks for", async () => {
    const thread = await start(strict);
    const [request] = await open(thread);
    await answer(request?.id ?? "", { type: "respond", message: "many" });
    await expect(goOn(strict, thread)).rejects.toThrow(/expected number/);
    const again = await open(thread);
    expect(again).toMatchObject([{ id: request?.id, status: "open", answer: null }]);
    expect(await reportThread(testEngine().engine.database, thread)).toMatchObject({ status: "waiting" });
    await answer(request?.id ?? "", { type: "respond", value: 7 });
    expect(await goOn(strict, thread)).toEqual([7]);
  });
});

describe("a client of LangGraph", () => {
  const resumed = (graph: Asking, threadId: string, resume: unknown) =>
    drive(graph, new Command({ resume }), { threadId, signal });

  async function interruptOf(graph: Asking, threadId: string): Promise<string> {
    const state = await graph.getState({ configurable: { thread_id: threadId } });
    return state.tasks.flatMap((task) => task.interrupts)[0]?.id ?? "";
  }

  it.each([
    ["text", "blue"],
    ["an object", { type: "approve", colour: "blue" }],
    ["null", null],
    ["false", false],
    ["a list", ["a", "b"]],
  ])("resumes it by its id with %s, as it is, and the request is answered", async (_, value) => {
    const thread = await start(one);
    const [request] = await open(thread);
    await resumed(one, thread, { [await interruptOf(one, thread)]: value });
    expect(await saidIn(one, thread)).toEqual([value]);
    expect(await getRequest(testEngine().engine.database, request?.id ?? "")).toMatchObject({
      status: "answered",
      answeredVia: "sdk",
      answer: { type: "respond", value },
    });
  });

  it("resumes it with a bare value, or by our id", async () => {
    const bare = await start(one);
    await resumed(one, bare, { colour: "blue" });
    expect(await saidIn(one, bare)).toEqual([{ colour: "blue" }]);
    const byId = await start(one);
    const [request] = await open(byId);
    await resumed(one, byId, { [request?.id ?? ""]: { type: "respond", message: "blue" } });
    expect(await saidIn(one, byId)).toEqual(["blue"]);
  });

  it("that comes late is refused, and the first answer stands", async () => {
    const thread = await start(one);
    const [request] = await open(thread);
    await answer(request?.id ?? "", { type: "respond", message: "red" });
    const id = await interruptOf(one, thread);
    await expect(resumed(one, thread, { [id]: "blue" })).rejects.toThrow(/already answered with "respond"/);
    expect(await goOn(one, thread)).toEqual(["red"]);
  });

  it("answers one that was asked before requests of this kind were recorded", async () => {
    const thread = await start(one);
    const { database } = testEngine().engine;
    const [request] = await open(thread);
    await database.pool.query("DELETE FROM requests WHERE thread_id = $1", [thread]);
    expect(await nextInput(one, database, thread)).toEqual({ waitingFor: [request?.id] });
    expect(await findRequests(database, [request?.id ?? ""])).toMatchObject([{ status: "open" }]);
    await resumed(one, thread, { [await interruptOf(one, thread)]: "blue" });
    expect(await saidIn(one, thread)).toEqual(["blue"]);
  });
});
