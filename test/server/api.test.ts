import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { requestsOf } from "../../src/postgres/requests.ts";
import type {
  Answered,
  ApiError,
  CheckpointPage,
  GraphList,
  GraphView,
  RequestList,
  TaskDetail,
  ThreadCancelled,
  ThreadDetail,
  ThreadPage,
  ThreadStarted,
} from "../../src/server/api-types.ts";
import { openRoom, TOKEN } from "../support/control-room.ts";
import { useEngine } from "../support/engine.ts";
import { listen, type Told } from "../support/events.ts";
import { NO_END } from "../support/no-end.ts";

const testEngine = useEngine({
  environment: { BUDGET_USD: "5" },
  scenario: {
    faults: [{ kind: "stall", afterEvents: 2, when: { match: "slow" } }],
    answers: [
      { text: NO_END, cut: "answer", when: { match: "bad", times: 1 } },
      { text: NO_END, cut: "answer", when: { match: "^Your previous response" } },
    ],
  },
});
const room = openRoom(testEngine);
/** The thread of the first test, whose task "two" failed once. */
let first = "";
const task = (id: string, prompt: string, dependsOn: string[] = []) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn,
});
const TASKS = [task("one", "Do one."), task("two", "bad"), task("last", "Do more.", ["one", "two"])];
const START = { graph: "orchestrate", input: "three things", tasks: TASKS, options: { synthesis: false } };

async function start(body: object = START): Promise<string> {
  const { status, body: started } = await room.post<ThreadStarted>("threads", body);
  expect(status).toBe(202);
  return started.thread;
}

const detailOf = (thread: string) => room.get<ThreadDetail>(`threads/${thread}`);
const statusOf = async (thread: string) => (await detailOf(thread)).thread.status;

/** Starts a thread and approves its plan; resolves when it has ended. */
async function runThread(body: object = START): Promise<string> {
  const thread = await start(body);
  await expect.poll(() => statusOf(thread)).toBe("waiting");
  const { requests } = await room.get<RequestList>(`requests?thread=${thread}`);
  const decision = { type: "approve" };
  const { body: answered } = await room.post<Answered>(`requests/${requests[0]?.id}/answer`, { decision });
  expect(answered).toMatchObject({ goesOn: true, request: { status: "answered", answer: decision } });
  await expect.poll(() => statusOf(thread)).toBe("completed");
  return thread;
}

describe("a thread in the control room", () => {
  it("is started, asks, is answered and tells all there is to know of it", async () => {
    const thread = await runThread();
    first = thread;

    const detail = await detailOf(thread);
    expect(detail.thread).toMatchObject({
      id: thread,
      graph: "orchestrate",
      input: "three things",
      simulated: false,
      budgetUsd: 5,
      calls: { paid: 5, replayed: 0 },
      error: null,
    });
    expect(detail.thread.costUsd).toBeGreaterThan(0);
    expect(detail.tasks.map(({ id, wave, attempts }) => [id, wave, attempts])).toEqual([
      ["one", 0, 1],
      ["two", 0, 2],
      ["last", 1, 1],
    ]);
    const sum = detail.tasks.reduce((usd, one) => usd + one.costUsd, 0);
    expect(sum).toBeCloseTo(detail.thread.costUsd, 10);
    for (const { lane, startedAt, ms, summary, emotionalState, tokens } of detail.tasks) {
      expect(lane).toBeGreaterThanOrEqual(1);
      expect(startedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(summary).not.toBe("");
      expect(emotionalState).toBeTypeOf("object");
      expect(tokens.output).toBeGreaterThan(0);
    }
    expect(detail.requests).toMatchObject([
      { kind: "plan", threadId: thread, status: "answered", allowed: ["approve", "edit", "reject"] },
    ]);
  });

  it("names everything about a request as its row does, with a view in place of the payload", async () => {
    const [shown] = (await detailOf(first)).requests;
    const [row] = await requestsOf(testEngine().engine.database, first);
    const { view, allowed, ...facts } = shown ?? {};
    expect({ ...facts, payload: row?.payload }).toEqual(row);
  });

  it("shows of a task its prompt, its answer, the attempt that failed and each call with what was said", async () => {
    const detail = await room.get<TaskDetail>(`threads/${first}/tasks/two`);

    expect(detail).toMatchObject({ task: { id: "two", status: "completed", prompt: "bad" }, toolCalls: [] });
    expect(detail.task.output).not.toBe("");
    expect(detail.task.confidence).toBeGreaterThan(0);
    expect(detail.attempts).toMatchObject([{ attempt: 1, failure: "max-tokens" }]);
    expect(detail.calls).toMatchObject([
      { attempt: 1, turn: 1, phase: "agents", status: "committed", replays: 0 },
      { attempt: 1, turn: 2, status: "committed" },
      { attempt: 2, status: "committed" },
    ]);
    expect(detail.calls[0]?.text).toContain(NO_END);
    const none = await room.get<ApiError>(`threads/${first}/tasks/none%2Fof%2Fit`);
    expect(none.error).toBe(`Thread ${first} has no task "none/of/it".`);
  });

  it("is forked from a checkpoint, which pays for nothing that has not changed", async () => {
    const thread = await runThread();
    const { checkpoints } = await room.get<CheckpointPage>(`threads/${thread}/history`);
    const before = checkpoints.find(({ next }) => next.includes("claude_executor"));

    const { status } = await room.post(`threads/${thread}/fork`, { checkpoint: before?.id });

    expect(status).toBe(202);
    await expect.poll(() => statusOf(thread)).toBe("completed");
    const { thread: view } = await detailOf(thread);
    expect(view.calls).toMatchObject({ paid: 3, replayed: 3 });
    const page = await room.get<CheckpointPage>(`threads/${thread}/history?limit=2`);
    expect(page.checkpoints).toHaveLength(2);
    const next = await room.get<CheckpointPage>(`threads/${thread}/history?limit=2&before=${page.before}`);
    expect(next.checkpoints[0]?.id).toBe(page.checkpoints[1]?.parentId);
    const wrong = await room.post<ApiError>(`threads/${thread}/fork`, { checkpoint: randomUUID() });
    expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringMatching(/has no checkpoint/) } });
  });

  it("is cancelled while it runs, and then neither cancelled again nor resumed", async () => {
    const options = { autoApprove: ["plan"] };
    const thread = await start({ ...START, tasks: [task("stuck", "slow")], options });
    await expect.poll(async () => (await detailOf(thread)).tasks[0]?.status).toBe("running");
    expect(await statusOf(thread)).toBe("running");
    const busy = await room.post<ApiError>(`threads/${thread}/resume`, {});
    expect(busy).toMatchObject({ status: 409, body: { error: expect.stringMatching(/Another process/) } });

    const { status } = await room.post<ThreadCancelled>(`threads/${thread}/cancel`, {});

    expect(status).toBe(202);
    await expect.poll(() => statusOf(thread)).toBe("cancelled");
    for (const what of ["cancel", "resume"]) {
      const again = await room.post<ApiError>(`threads/${thread}/${what}`, {});
      expect(again).toMatchObject({ status: 409, body: { error: expect.stringMatching(/has ended/) } });
    }
    expect(room.reports).toEqual([]);
  });
});

describe("the live feed", () => {
  it("of a thread tells how it stands and what changes until it has ended; that of all tells of it too", async () => {
    const headers = { "x-api-key": TOKEN };
    const open = async (path: string) => {
      const response = await room.app.request(`http://localhost/control/api/${path}`, { headers });
      expect(response.headers.get("content-type")).toContain("text/event-stream");
      return listen(response);
    };
    const has = (told: readonly Told[], event: string, thing: object) =>
      told.some((one) => one.event === event && one.data.some((data) => isMatch(data, thing)));
    const thread = await start();
    await expect.poll(() => statusOf(thread)).toBe("waiting");
    const one = await open(`threads/${thread}/events`);
    const all = await open("events");
    await one.until((told) => has(told, "requests", { status: "open" }));
    await all.until((told) => has(told, "requests", { threadId: thread, status: "open" }));

    const { requests } = await room.get<RequestList>(`requests?thread=${thread}`);
    await room.post(`requests/${requests[0]?.id}/answer`, { decision: { type: "approve" } });

    await one.until((told) => has(told, "thread", { status: "completed" }));
    await one.until((told) => has(told, "tasks", { id: "last", status: "completed" }));
    await all.until((told) => has(told, "threads", { id: thread, status: "completed" }));
    await all.until((told) => has(told, "requests", { threadId: thread, status: "answered" }));
    expect(one.told.find(({ id }) => id !== undefined)?.id).toMatch(/^\w+\.\d+$/);
    await Promise.all([one.close(), all.close()]);
    expect(room.reports).toEqual([]);
  });
});

function isMatch(data: Readonly<Record<string, unknown>>, thing: object): boolean {
  return Object.entries(thing).every(([key, value]) => data[key] === value);
}

describe("an answer", () => {
  it("that is wrong or late changes nothing and says why", async () => {
    const thread = await start();
    await expect.poll(() => statusOf(thread)).toBe("waiting");
    const { requests } = await room.get<RequestList>(`requests?thread=${thread}`);
    const answer = (decision: unknown, id = requests[0]?.id) =>
      room.post<ApiError>(`requests/${id}/answer`, { decision });

    expect(await answer({ type: "perhaps" })).toMatchObject({ status: 400 });
    expect(await answer({ type: "edit", args: { tasks: [] } })).toMatchObject({ status: 400 });
    expect(await answer({ type: "approve" }, "plan-none")).toMatchObject({ status: 404 });
    expect(await statusOf(thread)).toBe("waiting");
    const edited = { type: "edit", args: { tasks: [task("other", "Do another.")] } };
    expect(await answer(edited)).toMatchObject({ status: 200, body: { goesOn: true } });
    expect(await answer({ type: "reject", message: "no" })).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(/already answered with "edit" by somebody@here \(page\)/) },
    });
    await expect.poll(() => statusOf(thread)).toBe("completed");
    expect((await detailOf(thread)).tasks.map(({ id }) => id)).toEqual(["other"]);
  });
});

describe("the list of threads", () => {
  it("comes a page at a time, newest first, and is narrowed by status and words", async () => {
    const found = async (query: string) => (await room.get<ThreadPage>(`threads?${query}`)).threads;
    const ids: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const after: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page: ThreadPage = await room.get<ThreadPage>(`threads?limit=2${after}`);
      ids.push(...page.threads.map(({ id }) => id));
      cursor = page.cursor;
    }

    const all = await found("limit=200");
    expect(ids).toEqual(all.map(({ id }) => id));
    expect(all.length).toBeGreaterThanOrEqual(4);
    expect([...all].sort((a, b) => b.createdAt.localeCompare(a.createdAt))).toEqual(all);
    expect(all.at(-1)).toMatchObject({ status: "completed", tasks: { completed: 3, failed: 0 }, waiting: 0 });
    const cancelled = all.filter(({ status }) => status === "cancelled");
    expect(await found("status=cancelled")).toEqual(cancelled);
    expect(await found("q=THREE%20things")).toHaveLength(all.length);
    expect(await found(`q=${all[1]?.id.slice(0, 13)}`)).toEqual([all[1]]);
    expect(await found("q=100%25")).toEqual([]);
  });

  it.each([
    ["threads?limit=0", 400],
    ["threads?cursor=nonsense", 400],
    ["threads?status=odd", 400],
    ["threads/not-a-thread", 404],
    [`threads/${randomUUID()}`, 404],
    [`threads/${randomUUID()}/events`, 404],
    ["graphs/none", 404],
    ["nothing", 404],
  ])("%s is refused with %i and one sentence", async (path, status) => {
    const headers = { "x-api-key": TOKEN };
    const response = await room.app.request(`http://localhost/control/api/${path}`, { headers });
    expect(response.status).toBe(status);
    expect(((await response.json()) as ApiError).error).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [{}, /graph/],
    [{ graph: "none", input: "x" }, /no graph "none"/],
    [{ graph: "orchestrate", input: " " }, /input is empty/],
    [{ graph: "orchestrate", input: "x", tasks: [task("a", "", ["b"])] }, /cannot be run/],
    [{ graph: "orchestrate", input: "x", options: { parallel: 11 } }, /parallel/],
    [{ graph: "orchestrate", input: "x", surprise: 1 }, /surprise/],
  ])("a start with %j is refused before anything is made", async (body, why) => {
    const before = await room.get<ThreadPage>("threads?limit=200");
    const { status, body: said } = await room.post<ApiError>("threads", body);
    expect([400, 404]).toContain(status);
    expect(said.error).toMatch(why);
    expect(await room.get<ThreadPage>("threads?limit=200")).toEqual(before);
  });
});

describe("a graph", () => {
  it("is listed and drawn with its subgraph", async () => {
    expect(await room.get<GraphList>("graphs")).toMatchObject({
      graphs: expect.arrayContaining(["orchestrate"]),
    });
    const graph = await room.get<GraphView>("graphs/orchestrate");
    expect(graph.nodes).toContainEqual({
      id: "claude_executor:lane",
      label: "lane",
      group: "claude_executor",
      description: expect.stringContaining("ready tasks"),
    });
    expect(graph.edges).toContainEqual({
      source: "approve",
      target: "plan",
      label: "rejected",
      conditional: true,
    });
  });
});
