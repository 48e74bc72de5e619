import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET_KEY, useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";

const REQUEST = "Compare three ways to shard a Postgres queue, with risks. Losing a job is worst.";
const testCli = useCli();
let client: Client;
let address = "";
let stop: () => Promise<number | null> = () => Promise.resolve(null);
let said = "";
let token = "";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

// The server as `npm run studio` starts it: in the package's folder, on the schema of the command line here.
beforeAll(async () => {
  const port = await freePort();
  const { claude, folder } = testCli();
  const child = spawn(process.execPath, ["src/cli/launch.mjs", "studio", "--port", String(port)], {
    cwd: PACKAGE_FOLDER,
    env: {
      ...{ PATH: process.env["PATH"], HOME: folder, DATABASE_URL: testDatabaseUrl() },
      ...{ DATABASE_SCHEMA: await schemaOf(), DECURION_HOME: join(folder, "home") },
      ...{ ANTHROPIC_API_KEY: SECRET_KEY, ANTHROPIC_BASE_URL: claude.url },
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      if (said.includes("Server running at")) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", () => reject(new Error(`The server ended: ${said}`)));
  });
  address = `http://127.0.0.1:${port}`;
  token = /control\/login\?token=(\S+)/.exec(said)?.[1] ?? "";
  client = new Client({ apiUrl: address, apiKey: token });
});
afterAll(async () => {
  await stop();
});

/** The schema that the command line of this test uses. */
async function schemaOf(): Promise<string> {
  const { stderr } = await testCli().run(["db", "migrate"]);
  return /"(\w+)"/.exec(stderr)?.[1] ?? "";
}

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

  it("takes the options of a run as its context and streams what happens", async () => {
    const { thread_id: thread } = await client.threads.create();
    const context = { autoApprove: ["plan"], parallel: 2, synthesis: false };
    const events: unknown[] = [];

    for await (const { event, data } of client.runs.stream(thread, "orchestrate", {
      ...{ input: { input: "@sydney-coder write a haiku" }, context, streamMode: ["custom"] },
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
    expect(said).toContain("127.0.0.1");
    expect(said).not.toContain(SECRET_KEY);

    expect(said.split(token)).toHaveLength(2);
    expect((await fetch(`${address}/ok`, { headers: { "x-api-key": token } })).ok).toBe(true);
    expect(await stop()).toBe(130);

    await expect(fetch(`${address}/ok`)).rejects.toThrow();
  });
});
