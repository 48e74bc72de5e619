import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/domain/json.ts";
import type { Answerer } from "../../src/domain/request.ts";
import {
  answerRequests,
  askHuman,
  getRequest,
  type NewRequest,
  openRequests,
  withdrawRequests,
} from "../../src/postgres/requests.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { ANA, BEN } from "../support/answerer.ts";
import { useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();

async function begin(id: string = randomUUID()): Promise<string> {
  await beginThread(db(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd: 1 });
  return id;
}

async function request(threadId?: string, id = `plan-${randomUUID()}`): Promise<NewRequest> {
  return {
    id,
    threadId: threadId ?? (await begin()),
    kind: "plan",
    taskId: null,
    summary: "Run it?",
    payload: { tasks: [] },
  };
}

const answer = (requestId: string, decision: Json, answerer: Answerer = ANA) =>
  answerRequests(db(), [{ requestId, answer: decision }], answerer);

describe("requests", () => {
  it("asks once: the same question again is the row that is there, with its answer", async () => {
    const asked = await request();
    expect((await askHuman(db(), asked)).answer).toBeNull();
    await answer(asked.id, { type: "approve" });
    expect((await askHuman(db(), { ...asked, summary: "other words" })).answer).toEqual({ type: "approve" });
    expect((await getRequest(db(), asked.id)).summary).toBe("Run it?");
  });

  it("lets the first answer win, and tells the others which one it was", async () => {
    const asked = await request();
    await askHuman(db(), asked);
    const lost = await Promise.all(
      Array.from({ length: 8 }, (_, index) => answer(asked.id, { type: "reject", message: `${index}` })),
    );
    expect(lost.filter((ids) => ids.length === 0)).toHaveLength(1);
    expect(lost.flat()).toEqual(Array.from({ length: 7 }, () => asked.id));
    expect(await getRequest(db(), asked.id)).toMatchObject({
      status: "answered",
      answer: { type: "reject" },
      payload: asked.payload,
      answeredBy: "ana@desk",
      answeredVia: "cli",
      answeredAt: expect.stringMatching(/^20/),
    });
  });

  it("takes the same answer twice, and keeps who gave it first", async () => {
    const asked = await request();
    await askHuman(db(), asked);
    expect(await answer(asked.id, { type: "approve" })).toEqual([]);
    expect(await answer(asked.id, { type: "approve" }, BEN)).toEqual([]);
    expect(await getRequest(db(), asked.id)).toMatchObject({ answeredBy: "ana@desk" });
  });

  it("takes all of several answers or none", async () => {
    const [first, second] = [await request(), await request()];
    for (const one of [first, second]) await askHuman(db(), one);
    await answer(second.id, { type: "approve" });
    const both = [first, second].map(({ id }) => ({ requestId: id, answer: { type: "reject" } }));
    expect(await answerRequests(db(), both, ANA)).toEqual([second.id]);
    expect(await getRequest(db(), first.id)).toMatchObject({ status: "open", answer: null });
    expect(
      await answerRequests(db(), [...both.slice(0, 1), { requestId: "plan-none", answer: 1 }], ANA),
    ).toEqual(["plan-none"]);
  });

  it("takes crosswise answers to the same requests without a deadlock", async () => {
    const asked = await Promise.all(Array.from({ length: 6 }, () => request()));
    for (const one of asked) await askHuman(db(), one);
    const answers = asked.map(({ id }) => ({ requestId: id, answer: { type: "approve" } }));
    const lost = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        answerRequests(db(), index % 2 ? answers : answers.toReversed(), ANA),
      ),
    );
    expect(lost.flat()).toEqual([]);
  });

  it("lists what is open, oldest first, of one thread or of all", async () => {
    const threadId = await begin();
    const first = await request(threadId);
    const second = await request(threadId);
    const answered = await request(threadId);
    for (const one of [first, second, answered]) await askHuman(db(), one);
    await answer(answered.id, { type: "approve" });
    expect((await openRequests(db(), threadId)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await openRequests(db())).map(({ id }) => id)).toEqual(
      expect.arrayContaining([first.id, second.id]),
    );
  });

  it("withdraws what a thread still asks, and no longer takes an answer to it", async () => {
    const asked = await request();
    await askHuman(db(), asked);
    await withdrawRequests(db(), asked.threadId);
    expect(await answer(asked.id, { type: "approve" })).toEqual([asked.id]);
    expect(await getRequest(db(), asked.id)).toMatchObject({ status: "withdrawn", answer: null });
    expect(await openRequests(db(), asked.threadId)).toEqual([]);
  });

  it("opens what was withdrawn when it is asked again, with a deadline of its own", async () => {
    const asked = await request();
    await askHuman(db(), asked);
    await withdrawRequests(db(), asked.threadId);
    const deadline = { seconds: 600, answer: { type: "reject", message: "" } };
    expect(await askHuman(db(), { ...asked, deadline })).toMatchObject({
      status: "open",
      answer: null,
      defaultAnswer: deadline.answer,
      deadlineAt: expect.stringMatching(/^20/),
    });
    expect(await answer(asked.id, { type: "approve" })).toEqual([]);
    expect(await askHuman(db(), asked)).toMatchObject({ status: "answered", answer: { type: "approve" } });
  });

  it("says so when there is no such request", async () => {
    await expect(getRequest(db(), "plan-none")).rejects.toThrow('There is no request "plan-none"');
  });
});
