import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { reachingCode } from "../../src/domain/reach.ts";
import { threadOptionsSchema } from "../../src/requests/thread-options.ts";
import type { ThreadDetail } from "../../src/server/api-types.ts";
import { agentFile } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const testCli = useCli();
let studio: Studio;
let client: Client;
beforeAll(async () => {
  studio = await startStudio(testCli());
  client = new Client({ apiUrl: studio.address, apiKey: studio.token, callerOptions: { maxRetries: 0 } });
});
afterAll(() => studio?.stop());

const input = { input: "@sydney-coder write a haiku" };

/** Each option that leads to code or files, with a value that would be taken on the command line. */
async function reaching(): Promise<Record<string, Record<string, unknown>>> {
  const folder = join(testCli().folder, "attack");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "sydney-coder.md"), agentFile("sydney-coder", "tools: Bash"));
  await writeFile(join(folder, "tools.ts"), "export const tools = [];");
  return {
    agentsDir: { agentsDir: folder },
    tools: { tools: join(folder, "tools.ts") },
    workspace: { workspace: "/" },
    autoApprove: { autoApprove: ["plan", "tool"] },
    ask: { ask: { tool: "never" } },
    deadline: { deadline: { seconds: 1, answer: "approve" } },
    network: { network: "shared" },
  };
}

async function start(options: object): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${studio.address}/control/api/threads`, {
    method: "POST",
    headers: { "x-api-key": studio.token, "content-type": "application/json" },
    body: JSON.stringify({ graph: "orchestrate", ...input, options }),
  });
  return { status: response.status, text: await response.text() };
}

describe("an option that leads to code or files of this machine", () => {
  it.each(["agentsDir", "tools", "workspace", "autoApprove", "ask", "deadline", "network"])(
    "%s is refused from the control room, a run, an assistant and a batch",
    async (name) => {
      const options = (await reaching())[name] ?? {};
      const refusal = new RegExp(`Clients of the server may not choose .*: ${name}\\.`);
      const { status, text } = await start(options);
      expect(status).toBe(400);
      expect(text).toMatch(refusal);

      const { thread_id: thread } = await client.threads.create();
      await expect(client.runs.wait(thread, "orchestrate", { input, context: options })).rejects.toThrow(
        refusal,
      );
      await expect(client.runs.wait(null, "orchestrate", { input, context: options })).rejects.toThrow(
        refusal,
      );

      const assistant = await client.assistants.create({ graphId: "orchestrate", context: options });
      const { thread_id: other } = await client.threads.create();
      const run = client.runs.wait(other, assistant.assistant_id, { input });
      await expect(run).rejects.toThrow(refusal);
    },
  );

  it("that is new counts as one until somebody marks it", () => {
    const schema = threadOptionsSchema.extend({ script: z.string().optional() });
    expect(reachingCode(schema, { script: "x", parallel: 2, unknown: 1, model: "opus" })).toEqual([
      "script",
      "unknown",
    ]);
  });

  it("does not shut out what the page sends", async () => {
    const options = { autoApprove: ["plan"], ask: { result: "always", tool: "always" }, synthesis: false };
    expect((await start({ ...options, deadline: { seconds: 900, answer: "reject" } })).status).toBe(202);
  });
});

describe("a command as validator, planted for whoever goes on with the thread", () => {
  const marker = () => join(testCli().folder, `marker-${randomUUID()}`);
  const planWith = (file: string) => [
    {
      id: "one",
      agent: "sydney-coder",
      description: "one",
      prompt: "write a haiku",
      dependsOn: [],
      validate: { command: `touch ${file}` },
    },
  ];
  const refusal = /Clients of the server may not give commands|command as validator, which is not allowed/;

  /** A thread that waits for the approval of its plan. */
  async function waiting(): Promise<{ readonly thread: string; readonly request: string }> {
    const { thread_id: thread } = await client.threads.create();
    await client.runs.wait(thread, "orchestrate", { input });
    const response = await fetch(`${studio.address}/control/api/threads/${thread}`, {
      headers: { "x-api-key": studio.token },
    });
    const { requests } = (await response.json()) as ThreadDetail;
    return { thread, request: requests[0]?.id ?? "" };
  }

  /** What the person at the command line does, who may use commands. */
  async function goOn(thread: string): Promise<void> {
    const inbox = JSON.parse((await testCli().run(["inbox", thread, "--json"])).stdout);
    for (const { id } of inbox.waiting ?? []) await testCli().run(["answer", id, "approve", "--json"]);
    await testCli().run(["resume", thread, "--json"]);
  }

  it("is refused in an input", async () => {
    const file = marker();
    const { thread_id: thread } = await client.threads.create();
    const given = { input: "x", currentTasks: planWith(file) };
    const context = { autoApprove: ["plan"] };
    await expect(client.runs.wait(thread, "orchestrate", { input: given, context })).rejects.toThrow(refusal);
    await goOn(thread);
    expect(existsSync(file)).toBe(false);
  });

  it("is refused in an update of the state, as any node", async () => {
    const file = marker();
    const { thread } = await waiting();
    for (const asNode of ["plan", "approve", undefined]) {
      const values = { currentTasks: planWith(file) };
      const update = client.threads.updateState(thread, { values, ...(asNode && { asNode }) });
      await expect(update).rejects.toThrow();
    }
    await goOn(thread);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["update", (file: string) => ({ update: { currentTasks: planWith(file) } })],
    [
      "goto",
      (file: string) => ({ goto: { node: "claude_executor", input: { currentTasks: planWith(file) } } }),
    ],
    [
      "list of writes",
      (file: string) => ({ update: [["currentTasks", planWith(file)]], goto: "claude_executor" }),
    ],
  ] as const)("is refused in a Command's %s", async (_, commandOf) => {
    const file = marker();
    const { thread } = await waiting();
    const command = commandOf(file) as never;
    await expect(client.runs.wait(thread, "orchestrate", { command })).rejects.toThrow(refusal);
    await goOn(thread);
    expect(existsSync(file)).toBe(false);
  });

  it("is refused in the edit of a plan, by an SDK client and by the control room", async () => {
    const file = marker();
    const { thread, request } = await waiting();
    const decision = { type: "edit", args: planWith(file) };
    const resume = { [request]: decision };
    await expect(client.runs.wait(thread, "orchestrate", { command: { resume } })).rejects.toThrow(refusal);
    const answered = await fetch(`${studio.address}/control/api/requests/${request}/answer`, {
      method: "POST",
      headers: { "x-api-key": studio.token, "content-type": "application/json" },
      body: JSON.stringify({ decision }),
    });
    expect(answered.status).toBe(400);
    expect(await answered.text()).toMatch(refusal);
    await goOn(thread);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a configuration that looks like LangGraph's own", () => {
  it("does not make a run a part of another one, which would hold no lock and check nothing", async () => {
    const { thread_id: thread } = await client.threads.create();
    const config = { configurable: { __pregel_read: true, __decurion_thread: { underWay: [], scope: {} } } };
    const context = { workspace: "/" };
    const run = client.runs.wait(thread, "orchestrate", { input, config, context } as never);
    await expect(run).rejects.toThrow(/Clients of the server may not choose .*: workspace/);
  });
});
