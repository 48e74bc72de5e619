import { randomUUID } from "node:crypto";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { openRequests } from "../../src/postgres/requests.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { processEngine } from "../../src/runs/engine-holder.ts";
import { workflow } from "../../src/runs/workflow.ts";
import { useCli } from "../support/cli.ts";
import { useEngine } from "../support/engine.ts";

const testCli = useCli();
const testEngine = useEngine();

const State = Annotation.Root({ colour: Annotation<unknown>() });
const graph = workflow(
  processEngine,
  "colours",
  new StateGraph(State)
    .addNode("ask", () => ({ colour: interrupt({ question: "Which colour?", options: ["red", "blue"] }) }))
    .addEdge(START, "ask")
    .addEdge("ask", END)
    .compile(),
);

/** A thread that waits at an interrupt of its graph's own, and the command line on the same database. */
async function asked() {
  const { database } = testEngine().engine;
  const threadId = randomUUID();
  const { signal } = new AbortController();
  await drive(graph, { colour: null }, { threadId, signal });
  const [request] = await openRequests(database, threadId);
  const run = (...args: string[]) => testCli().run(args, { DATABASE_SCHEMA: database.schema });
  const goOn = async () => {
    const step = await nextInput(graph, database, threadId);
    if ("input" in step) await drive(graph, step.input, { threadId, signal });
    return (await graph.getState({ configurable: { thread_id: threadId } })).values.colour;
  };
  return { threadId, id: request?.id ?? "", run, goOn };
}

describe("an interrupt of a graph's own, on the command line", () => {
  it("is in the inbox, in show and in --json, with the ways to answer it", async () => {
    const { threadId, id, run } = await asked();
    const [inbox, json, show] = await Promise.all([
      run("inbox", threadId),
      run("inbox", threadId, "--json"),
      run("show", threadId),
    ]);
    expect(inbox.stdout).toContain("Which colour?");
    expect(inbox.stdout).toContain(`answer ${id} respond --message 'red'`);
    expect(inbox.stdout).toContain(`answer ${id} respond --message "<text>"`);
    expect(JSON.parse(json.stdout).waiting).toMatchObject([
      { id, kind: "interrupt", payload: { question: "Which colour?", options: ["red", "blue"] } },
    ]);
    expect(show.stdout).toContain(`answer ${id} respond --args '<JSON>'`);
  });

  it.each([
    [["respond", "--message", "blue"], "blue"],
    [["respond", "--args", '{"colour":"blue"}'], { colour: "blue" }],
    [["--args", '["blue"]'], ["blue"]],
    [["approve"], true],
    [["reject"], false],
    [["reject", "--message", "None."], { rejected: "None." }],
  ])("answered with %j gives its node %j", async (words, value) => {
    const { id, run, goOn } = await asked();
    const { code, stderr } = await run("answer", id, ...words, "--no-resume");
    expect(code, stderr).toBe(0);
    expect(await goOn()).toEqual(value);
  });
});
