import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET_KEY, useCli } from "../support/cli.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const REQUEST = "Compare three ways to shard a Postgres queue, with risks. Losing a job is worst.";
const testCli = useCli();
let client: Client;
let studio: Studio;

beforeAll(async () => {
  studio = await startStudio(testCli());
  client = new Client({ apiUrl: studio.address, apiKey: studio.token });
});
afterAll(() => studio?.stop());

describe("the LangGraph server", () => {
  it("runs orchestrate for an SDK client: plan, question, answer by id, result", async () => {
    const { thread_id: thread } = await client.threads.create();

    await client.runs.wait(thread, "orchestrate", { input: { input: REQUEST } });

    const asked = await client.threads.getState<{ output: string; verdict: string }>(thread);
    const [interrupt] = asked.tasks.flatMap((task) => task.interrupts);
    const value = interrupt?.value as {
      requests: { id: string; kind: string }[];
      action_requests: unknown[];
    };
    expect(value.requests).toMatchObject([{ kind: "plan" }]);
    expect(value.action_requests).toHaveLength(1);
    const resume = { [value.requests[0]?.id ?? ""]: { type: "approve" } };
    await client.runs.wait(thread, "orchestrate", { command: { resume } });

    const { values, next } = await client.threads.getState<{ output: string; verdict: string }>(thread);
    expect(next).toEqual([]);
    expect(values).toMatchObject({ verdict: "completed", output: expect.stringContaining("shard") });
    expect((await client.threads.getHistory(thread)).length).toBeGreaterThanOrEqual(5);

    const shown = JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);
    expect(shown).toMatchObject({ thread, status: "completed", output: values.output });
    expect(shown.tasks).toHaveLength(4);
  });

  it("keeps the question open after a wrong answer, whatever asks next", async () => {
    const { thread_id: thread } = await client.threads.create();
    await client.runs.wait(thread, "orchestrate", { input: { input: REQUEST } });

    const wrong = { command: { resume: { type: "perhaps" } } };
    await expect(client.runs.wait(thread, "orchestrate", wrong)).rejects.toThrow(/must be approve/);
    const again = { input: { input: "Something else" } };
    await expect(client.runs.wait(thread, "orchestrate", again)).rejects.toThrow(/waits for an answer/);

    const inbox = JSON.parse((await testCli().run(["inbox", thread, "--json"])).stdout);
    expect(inbox.waiting).toHaveLength(1);
    const answered = await testCli().run(["answer", inbox.waiting[0].id, "approve", "--json"]);
    expect(JSON.parse(answered.stdout)).toMatchObject({ thread, status: "completed" });
    const { values } = await client.threads.getState<{ verdict: string }>(thread);
    expect(values.verdict).toBe("completed");
  });

  it("goes on with a thread that the command line started", async () => {
    const { stdout } = await testCli().run(["run", "orchestrate", REQUEST, "--json"]);
    const { thread } = JSON.parse(stdout);

    await client.runs.wait(thread, "orchestrate", { command: { resume: "approve" } });

    const shown = JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);
    expect(shown).toMatchObject({ status: "completed" });
  });

  it("forks a thread for an SDK client with another plan, and pays only for what has changed", async () => {
    const { claude } = testCli();
    const { thread_id: thread } = await client.threads.create();
    const task = (id: string, prompt: string) => ({ id, agent: "sydney-coder", description: id, prompt });
    const plan = (words: string) => [task("same", "Write a haiku."), task("other", words)];
    const input = { input: "two things", currentTasks: plan("Write a sonnet.") };
    await client.runs.wait(thread, "orchestrate", { input, context: { autoApprove: ["plan"] } });
    const history = await client.threads.getHistory(thread, { limit: 50 });
    const origin = history.find(({ next }) => next[0] === "approve");
    claude.reset();

    const values = { currentTasks: plan("Write an ode.") };
    const checkpointId = origin?.checkpoint.checkpoint_id ?? "";
    await client.threads.updateState(thread, { values, checkpointId, asNode: "plan" });
    await client.runs.wait(thread, "orchestrate", { input: null });

    const { values: now } = await client.threads.getState<{ verdict: string }>(thread);
    expect(now.verdict).toBe("completed");
    const shown = JSON.parse((await testCli().run(["show", thread, "--json"])).stdout);
    expect(shown.tasks.map((one: { costUsd: number }) => one.costUsd > 0)).toEqual([false, true]);
    expect(shown.calls.replayed).toBe(1);
  });

  it("describes the input and the options of a run, so that Studio draws a form of them", async () => {
    const [assistant] = await client.assistants.search({ graphId: "orchestrate" });
    const schemas = await client.assistants.getSchemas(assistant?.assistant_id ?? "");

    const input = schemas.input_schema?.properties ?? {};
    expect(input["input"]).toMatchObject({ type: "string", description: expect.stringContaining("agents") });
    expect(input["currentTasks"]).toMatchObject({
      type: "array",
      description: expect.stringContaining("plan"),
    });
    const context = schemas.context_schema?.properties ?? {};
    expect(context["budgetUsd"]).toMatchObject({
      type: "number",
      description: expect.stringContaining("USD"),
    });
    expect(context["parallel"]).toMatchObject({ type: "integer", minimum: 1, maximum: 10 });
    expect(Object.keys(context), "not what a client may not send").not.toContain("agentsDir");
    expect(context["executor"]).toMatchObject({ enum: expect.arrayContaining(["messages", "simulated"]) });
  });

  it("takes the options of a run as its context and streams what happens", async () => {
    const { thread_id: thread } = await client.threads.create();
    const context = { autoApprove: ["plan"], parallel: 2, synthesis: false };
    const events: unknown[] = [];

    for await (const { event, data } of client.runs.stream(thread, "orchestrate", {
      input: { input: "@sydney-coder write a haiku" },
      context,
      streamMode: ["custom"],
      streamSubgraphs: true,
    })) {
      if (event.startsWith("custom")) events.push(data);
    }

    expect(events).toContainEqual(expect.objectContaining({ type: "planned" }));
    expect(events).toContainEqual(expect.objectContaining({ type: "task", status: "completed" }));
  });

  it("draws every node and edge, and labels each choice", async () => {
    const [assistant] = await client.assistants.search({ graphId: "orchestrate" });
    const drawn = await client.assistants.getGraph(assistant?.assistant_id ?? "", { xray: true });

    expect(drawn.nodes.map((node) => String(node.id)).sort()).toEqual(
      [
        ...["__start__", "plan", "approve", "claude_executor:dispatch", "claude_executor:lane"],
        ...["claude_executor:collect", "claude_executor:gate", "claude_executor:__end__"],
        ...["budget", "synthesize", "review", "__end__"],
      ].sort(),
    );
    const edges = drawn.edges.map(({ source, target, data }) => `${source} ${data ?? "-"} ${target}`);
    expect(edges.sort()).toEqual(
      [
        "__start__ - plan",
        "plan done approve",
        "plan over budget budget",
        "budget to the plan plan",
        "budget to the answer synthesize",
        "budget ended __end__",
        "approve approved claude_executor:dispatch",
        "approve rejected plan",
        "approve ended __end__",
        "claude_executor:dispatch side by side claude_executor:lane",
        "claude_executor:dispatch no tasks claude_executor:collect",
        "claude_executor:lane - claude_executor:collect",
        "claude_executor:collect work is left claude_executor:lane",
        "claude_executor:collect a task waits claude_executor:gate",
        "claude_executor:collect done claude_executor:__end__",
        "claude_executor:gate goes on claude_executor:lane",
        "claude_executor:gate no tasks claude_executor:collect",
        "claude_executor:__end__ - synthesize",
        "synthesize done review",
        "review approved __end__",
        "review rejected synthesize",
        "synthesize over budget budget",
      ].sort(),
    );
  });

  it("listens on loopback only, shows no key, and takes its children with it when it ends", async () => {
    const { address, token } = studio;
    expect(studio.said()).toContain("127.0.0.1");
    expect(studio.said()).not.toContain(SECRET_KEY);
    expect(studio.said().split(token), "in two links, and in no line of the log").toHaveLength(3);

    expect((await fetch(`${address}/ok`, { headers: { "x-api-key": token } })).ok).toBe(true);
    expect(await studio.stop()).toBe(130);

    await expect(fetch(`${address}/ok`)).rejects.toThrow();
  });
});
