import type { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { messageOf } from "../../src/domain/errors.ts";
import { type Database, openDatabase } from "../../src/postgres/database.ts";
import { findRequests, getRequest, listRequests } from "../../src/postgres/requests.ts";
import { useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";
import { useLangGraphServer } from "../support/langgraph-server.ts";
import { NO_END } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 1, emotionalState: {} };
const testCli = useCli({
  answers: [
    { json: GOOD, when: { match: "A human[^]*use JSON" } },
    { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
  ],
});
const newClient = useLangGraphServer(testCli);
let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabaseUrl(), schema: testCli().schema });
});
afterAll(() => database.close());

const payloadSchema = z.looseObject({
  requests: z.array(z.looseObject({ id: z.string(), kind: z.string() })),
});

/** What a thread asks, as a client sees it. */
async function askedBy(client: Client, thread: string) {
  const { tasks } = await client.threads.getState(thread);
  const [interrupt] = tasks.flatMap((task) => task.interrupts);
  const ids = interrupt ? payloadSchema.parse(interrupt.value).requests.map(({ id }) => id) : [];
  return { interruptId: interrupt?.id ?? "", value: interrupt?.value, ids, id: ids[0] ?? "" };
}

async function start(input: Record<string, unknown>, context: object) {
  const client = newClient();
  const { thread_id: thread } = await client.threads.create();
  await client.runs.wait(thread, "orchestrate", { input, context });
  const resume = (value: unknown, by = client) =>
    by.runs.wait(thread, "orchestrate", { command: { resume: value }, multitaskStrategy: "enqueue" });
  return { client, thread, resume, ...(await askedBy(client, thread)) };
}

const planned = () => start({ input: "@sydney-research look @sydney-coder write" }, { synthesis: false });

/** So many tasks that have failed and wait. */
function failing(count: number) {
  const currentTasks = Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    agent: "sydney-coder",
    description: "x",
    prompt: "garbled",
    dependsOn: [],
  }));
  const context = { autoApprove: ["plan"], synthesis: false, escalation: false, budgetUsd: 9, parallel: 10 };
  return start({ input: "x", currentTasks }, context);
}

const APPROVE = { type: "approve" };
const PLAN = { tasks: [{ id: "mine", agent: "sydney-coder", prompt: "Write." }] };
const EDIT = { type: "edit", args: PLAN };
const RESPOND = { type: "respond", message: "use JSON" };

describe("what an interrupt shows", () => {
  it("is one request in the words of every client, with our id, and when it is answered by default", async () => {
    const context = { deadline: { seconds: 600, answer: "reject" } };
    const { value, id } = await start({ input: "@sydney-coder write" }, context);
    const action = { id, name: "plan", description: "Run 1 task: sydney-coder (sydney-coder)" };
    const args = { tasks: [expect.objectContaining({ id: "sydney-coder", prompt: "write" })] };
    const shown = [expect.objectContaining({ ...action, args: expect.objectContaining(args) })];
    expect(value).toMatchObject({
      requests: [{ id, kind: "plan", task: null, deadlineAt: expect.stringMatching(/^20/) }],
      actionRequests: shown,
      action_requests: shown,
      reviewConfigs: [{ actionName: "plan", allowedDecisions: ["approve", "edit", "reject"] }],
      review_configs: [{ action_name: "plan", allowed_decisions: ["approve", "edit", "reject"] }],
    });
    expect(value).toMatchObject({ action_requests: [{ arguments: expect.objectContaining(args) }] });
  });
});

describe("an answer from a client of the LangGraph server", () => {
  it.concurrent.each<[string, (id: string, interrupt: string) => unknown, object]>([
    ["a word", () => "approve", APPROVE],
    ["a decision", () => APPROVE, APPROVE],
    ["LangChain's decisions", () => ({ decisions: [APPROVE] }), APPROVE],
    ["decisions by id", (id) => ({ decisions: { [id]: APPROVE } }), APPROVE],
    ["by our id", (id) => ({ [id]: "approve" }), APPROVE],
    ["by interrupt id", (_, interrupt) => ({ [interrupt]: { decisions: [APPROVE] } }), APPROVE],
    ["by interrupt id and our id", (id, interrupt) => ({ [interrupt]: { [id]: APPROVE } }), APPROVE],
    ["the Agent Inbox's accept", () => [{ type: "accept", args: null }], APPROVE],
    [
      "an edit in camelCase",
      () => ({ decisions: [{ type: "edit", editedAction: { name: "plan", args: PLAN } }] }),
      EDIT,
    ],
    [
      "an edit in snake_case",
      () => ({ decisions: [{ type: "edit", edited_action: { name: "plan", args: PLAN } }] }),
      EDIT,
    ],
    [
      "an edit with arguments",
      () => ({ type: "edit", editedAction: { name: "plan", arguments: PLAN } }),
      EDIT,
    ],
    ["an edit with plain args", () => ({ type: "edit", args: PLAN }), EDIT],
    ["the Agent Inbox's edit", () => [{ type: "edit", args: { action: "plan", args: PLAN } }], EDIT],
    ["a rejection", () => ({ decisions: [{ type: "reject" }] }), { type: "reject", message: "" }],
    ["the Agent Inbox's ignore", () => [{ type: "ignore", args: null }], { type: "reject", message: "" }],
  ])("is taken as %s", async (_, form, standing) => {
    const { client, thread, resume, id, interruptId } = await planned();

    await resume(form(id, interruptId));

    expect(await getRequest(database, id)).toMatchObject({ answer: standing, answeredVia: "sdk" });
    const { values, next } = await client.threads.getState<{
      verdict: string;
      currentTasks: { id: string }[];
    }>(thread);
    expect(next).toEqual([]);
    const isRejected = "message" in standing;
    expect(values.verdict).toBe(isRejected ? "cancelled" : "completed");
    if ("args" in standing) expect(values.currentTasks.map((task) => task.id)).toEqual(["mine"]);
  });

  it.concurrent.each<[string, (id: string) => unknown]>([
    ["the Agent Inbox's response", () => [{ type: "response", args: "use JSON" }]],
    ["a response by id", (id) => ({ [id]: RESPOND })],
  ])("says what is to be done better as %s", async (_, form) => {
    const { client, thread, resume, id } = await failing(1);

    await resume(form(id));

    expect(await getRequest(database, id)).toMatchObject({ answer: RESPOND });
    expect((await client.threads.getState<{ verdict: string }>(thread)).values.verdict).toBe("completed");
  });

  it.concurrent.each<[string, (ids: readonly string[]) => unknown, RegExp]>([
    ["a word that is none", () => "perhaps", /2 requests but 1 decision/],
    [
      "a decision that does not fit",
      ([a = ""]) => ({ [a]: { type: "edit", args: {} } }),
      /must contain the changed prompt/,
    ],
    ["too few", () => ({ decisions: [RESPOND] }), /2 requests but 1 decision/],
    ["an unknown request", () => ({ "failure-00000000": RESPOND }), /no request .*failure-00000000/],
    ["an unknown interrupt", () => ({ ["0".repeat(32)]: RESPOND }), /no open interrupt 0{32}/],
  ])("changes nothing and is told why when it is %s", async (_, form, says) => {
    const { client, thread, resume, ids } = await failing(2);

    await expect(resume(form(ids))).rejects.toThrow(says);

    expect((await findRequests(database, ids)).map(({ status }) => status)).toEqual(["open", "open"]);
    expect((await askedBy(client, thread)).ids).toEqual(ids);
    const again = { input: { input: "Something else" } };
    await expect(client.runs.wait(thread, "orchestrate", again)).rejects.toThrow(
      /and 1 more, .*another thread/,
    );
  });

  it("to some goes on with those: the rest is asked by the same ids, under whatever interrupt", async () => {
    const { client, thread, resume, ids, interruptId } = await failing(3);

    await resume({ [interruptId]: { [ids[1] ?? ""]: RESPOND } });

    const next = await askedBy(client, thread);
    expect(next.ids).toEqual([ids[0], ids[2]]);
    await resume({ [interruptId]: { [ids[0] ?? ""]: RESPOND } });
    await resume({ decisions: [RESPOND] });
    expect((await client.threads.getState<{ verdict: string }>(thread)).values.verdict).toBe("completed");
    const kinds = (await listRequests(database, thread, 100)).map(({ kind }) => kind);
    expect(kinds).toEqual(["plan", "failure", "failure", "failure"]);
  });
});

describe("ten requests, answered one by one in any order by two clients that race", () => {
  it("have one answer each, the first; who is late is told by whom and when; nothing is lost", async () => {
    const { thread, resume, ids } = await failing(10);
    const orders = [ids.toSorted(), ids.toSorted().toReversed()];

    const outcomes = await Promise.all(
      orders.map(async (order, index) => {
        const client = newClient();
        const lost: string[] = [];
        for (const id of order) {
          const answer = { type: "respond", message: `use JSON, says ${index}` };
          await resume({ [id]: answer }, client).catch((error: unknown) =>
            lost.push(`${id} ${messageOf(error)}`),
          );
        }
        return lost;
      }),
    );

    const requests = await findRequests(database, ids);
    expect(requests.map(({ status }) => status)).toEqual(ids.map(() => "answered"));
    const lost = outcomes.flat();
    expect(lost).toHaveLength(10);
    expect(new Set(lost.map((text) => text.slice(0, 16))).size).toBe(10);
    for (const text of lost) expect(text).toMatch(/was already answered with .*respond.* \(sdk\) at 20/);
    const { stdout } = await testCli().run(["show", thread, "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ status: "completed", waiting: [] });
    expect(report.tasks.map(({ attempts }: { attempts: number }) => attempts)).toEqual(ids.map(() => 6));
  });
});
