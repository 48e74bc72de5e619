import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { renderAnswerHint } from "../../src/cli/view/answer-hint.ts";
import { renderRequest } from "../../src/cli/view/render-request.ts";
import { parseDecision } from "../../src/domain/decision.ts";
import { askUnlessApproved } from "../../src/nodes/ask.ts";
import { activeThread, type NodeContext } from "../../src/nodes/runtime.ts";
import { answerDue, getRequest, openRequests } from "../../src/postgres/requests.ts";
import { KINDS, makeKinds } from "../../src/requests/kinds.ts";
import { threadOptionsOf } from "../../src/requests/thread-options.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { processEngine } from "../../src/runs/engine-holder.ts";
import { reportThread } from "../../src/runs/report.ts";
import { workflow } from "../../src/runs/workflow.ts";
import { requestViewOf } from "../../src/server/views.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { sourceFiles, withoutComments } from "../support/sources.ts";
import { errandKind } from "./errand.ts";

const testEngine = useEngine();

/** The list with one entry more: all that a new kind takes besides its own file. */
const kinds = makeKinds([...KINDS.all, errandKind]);

const State = Annotation.Root({
  isApproved: Annotation<boolean>({ reducer: (_, next) => next, default: () => false }),
  decision: Annotation<unknown>({ reducer: (_, next) => next, default: () => null }),
});

/** The node that asks. */
async function ask({ isApproved }: typeof State.State, context: NodeContext) {
  const thread = activeThread(context);
  const options = isApproved ? { ...thread.options, autoApprove: [errandKind.name] } : thread.options;
  const request = errandKind.request({
    threadId: thread.id,
    stop: context.executionInfo?.taskId,
    about: "",
    taskId: null,
    summary: "Fetch the mail?",
    payload: { place: "the post office", date: "2026-12-01" },
  });
  return { decision: await askUnlessApproved({ ...thread, options }, errandKind, "always", request) };
}

const graph = workflow(
  processEngine,
  "errand",
  new StateGraph(State).addNode("ask", ask).addEdge(START, "ask").addEdge("ask", END).compile(),
);
const { signal } = new AbortController();

async function start(input = {}, options = {}) {
  const { database } = testEngine().engine;
  const threadId = randomUUID();
  await drive(graph, input, { threadId, options, signal });
  const [request] = await openRequests(database, threadId);
  return { database, threadId, id: request?.id ?? "" };
}

async function goOn(threadId: string) {
  const step = await nextInput(graph, testEngine().engine.database, threadId);
  if ("input" in step) await drive(graph, step.input, { threadId, signal });
  return (await graph.getState({ configurable: { thread_id: threadId } })).values.decision;
}

describe("a kind of request that is one file and one entry of the list", () => {
  it("is asked, and shown on a terminal, in JSON and to the page", async () => {
    const { database, threadId, id } = await start({ isApproved: false });
    expect(id).toMatch(/^errand-[0-9a-f]{16}$/);
    const request = await getRequest(database, id);

    const shown = renderRequest(request, { columns: 80, color: false }, kinds);
    expect(shown).toContain("? An errand waits for you");
    expect(shown).toContain("Fetch the mail?\nWhere: the post office\nWhen: 2026-12-01");
    expect(renderAnswerHint(request, kinds)).toContain(
      `npm run graph -- answer ${id} edit --args '{"date":"<YYYY-MM-DD>"}'`,
    );
    expect((await reportThread(database, threadId)).waiting).toEqual([
      { id, kind: "errand", task: null, summary: "Fetch the mail?" },
    ]);
    const row = await getRequest(database, id);
    expect(row && JSON.parse(JSON.stringify(requestViewOf(row, kinds)))).toMatchObject({
      id,
      kind: "errand",
      allowed: ["approve", "edit", "reject"],
      view: {
        title: "An errand waits for you",
        sections: [{ type: "facts" }],
        actions: [
          { label: "Go" },
          { label: "Another day", editor: { type: "text" } },
          { label: "Stay", editor: { type: "message" } },
        ],
      },
    });
  });

  it("is answered: a wrong answer changes nothing, the right one goes on", async () => {
    const { database, threadId, id } = await start({ isApproved: false });
    const answer = (decision: unknown) =>
      recordAnswer(testEngine().engine, id, parseDecision(decision, id), ANA, kinds);
    await expect(answer({ type: "respond", message: "Perhaps." })).rejects.toThrow(/not with respond/);
    await expect(answer({ type: "edit", args: { date: "soon" } })).rejects.toThrow(/must bring a day/);
    expect(await getRequest(database, id)).toMatchObject({ status: "open" });

    await answer({ type: "edit", args: { date: "2026-12-24" } });
    expect(await goOn(threadId)).toEqual({ type: "edit", args: { date: "2026-12-24" } });
    expect(await reportThread(database, threadId)).toMatchObject({ status: "completed", waiting: [] });
  });

  it("is approved without asking where the run says so, and kept for the record", async () => {
    const { database, threadId } = await start({ isApproved: true });
    const report = await reportThread(database, threadId);
    expect(report).toMatchObject({
      status: "completed",
      answers: [{ kind: "errand", answeredVia: "auto-approve" }],
    });
  });

  it("is answered by its default at the run's deadline", async () => {
    const { database, threadId, id } = await start({}, { deadline: { seconds: 600, answer: "reject" } });
    const past = "UPDATE requests SET deadline_at = deadline_at - interval '601 seconds' WHERE id = $1";
    await database.pool.query(past, [id]);
    await answerDue(database);
    expect(await goOn(threadId)).toEqual({ type: "reject", message: "Too late." });
  });

  it("may be named by the options of a run", () => {
    const options = { autoApprove: ["errand"], ask: { errand: "never" } };
    expect(threadOptionsOf(kinds).parse(options)).toMatchObject(options);
    expect(threadOptionsOf(KINDS).safeParse(options).success).toBe(false);
  });
});

describe("the sources", () => {
  const sources = sourceFiles("src", /\.(tsx?|mjs|sql|html)$/).map(({ file, text }) => ({
    file: relative("src", file),
    text: withoutComments(text),
  }));
  const saying = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
  const names = KINDS.all.map(({ name }) => name);

  it("know nothing of the kind that this test adds", () => {
    expect(saying(/errand/i)).toEqual([]);
    expect(sources.length).toBeGreaterThan(200);
  });

  it("say the name of a kind in its own file, and where the same word is another noun", () => {
    // What a task waits for, and the nodes that ask about it.
    const waits = ["postgres/agent-coordination/outcomes.ts", "attempts/", "nodes/", "calls/over-budget.ts"];
    /** Phases and nodes, options of a run, events, fields. */
    const otherNouns: Readonly<Record<string, readonly string[]>> = {
      plan: ["nodes/", "postgres/threads/timing.ts", "domain/", "cli/", "control-room/threads/run-body.ts"],
      tool: [
        ...waits,
        "domain/",
        "tools/thread-tools.ts",
        "drivers/",
        "simulator/",
        "cli/view/",
        "control-room/thread/",
      ],
      result: ["attempts/", "drivers/claude-code/package.ts"],
      question: ["tools/thread-tools.ts", "requests/interrupt.ts"],
      budget: [
        ...waits,
        "postgres/claude-calls/reserve.ts",
        "cli/run-options.ts",
        "cli/commands/answer.ts",
        "cli/commands/resume.ts",
      ],
      failure: waits,
      interrupt: [],
    };
    for (const name of names) {
      const own = [`requests/${name}.ts`, ...(otherNouns[name] ?? [])];
      const others = saying(new RegExp(`"${name}"`)).filter(
        (file) => !own.some((one) => file.startsWith(one)),
      );
      expect({ name, others }).toEqual({ name, others: [] });
    }
    expect(
      names.map((name) => `requests/${name}.ts`).every((file) => sources.some((one) => one.file === file)),
    ).toBe(true);
  });

  it("compare kinds nowhere: everything asks the list", () => {
    const kind = `"(?:${names.join("|")})"`;
    const comparing = saying(new RegExp(`\\bkind\\b\\S*\\s*[!=]==?\\s*${kind}|switch \\([^)]*kind\\)`));
    // Nodes compare what a task waits for, which says whom to ask.
    expect(comparing.filter((file) => !/^nodes\/(task|tool)-questions\.ts$/.test(file))).toEqual([]);
    expect(saying(/KINDS|kindOf/).filter((file) => file.startsWith("control-room/"))).toEqual([]);
  });
});
