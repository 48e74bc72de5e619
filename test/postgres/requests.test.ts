import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  answerRequest,
  askHuman,
  getRequest,
  type NewRequest,
  openRequests,
  withdrawRequests,
} from "../../src/postgres/requests.ts";
import { useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();

function request(threadId: string = randomUUID(), id = `plan-${randomUUID()}`): NewRequest {
  return { id, threadId, kind: "plan", taskId: null, summary: "Run it?", payload: { tasks: [] } };
}

describe("requests", () => {
  it("asks once: the same question again is the row that is there, with its answer", async () => {
    const asked = request();
    expect((await askHuman(db(), asked)).answer).toBeNull();
    await answerRequest(db(), asked.id, { type: "approve" });
    expect((await askHuman(db(), { ...asked, summary: "other words" })).answer).toEqual({ type: "approve" });
    expect((await getRequest(db(), asked.id)).summary).toBe("Run it?");
  });

  it("lets the first answer win, and tells the others which one it was", async () => {
    const asked = request();
    await askHuman(db(), asked);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        answerRequest(db(), asked.id, { type: "reject", message: `${index}` }),
      ),
    );
    const { answer, status } = await getRequest(db(), asked.id);
    expect(status).toBe("answered");
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answers[0]).toEqual(answer);
  });

  it("lists what is open, oldest first, of one thread or of all", async () => {
    const threadId = randomUUID();
    const [first, second, answered] = [request(threadId), request(threadId), request(threadId)];
    for (const one of [first, second, answered]) await askHuman(db(), one);
    await answerRequest(db(), answered.id, { type: "approve" });
    expect((await openRequests(db(), threadId)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await openRequests(db())).map(({ id }) => id)).toEqual(
      expect.arrayContaining([first.id, second.id]),
    );
  });

  it("withdraws what a thread still asks, and no longer takes an answer to it", async () => {
    const asked = request();
    await askHuman(db(), asked);
    await withdrawRequests(db(), asked.threadId);
    expect(await answerRequest(db(), asked.id, { type: "approve" })).toBeNull();
    expect(await openRequests(db(), asked.threadId)).toEqual([]);
  });

  it("says so when there is no such request", async () => {
    await expect(getRequest(db(), "plan-none")).rejects.toThrow('There is no request "plan-none"');
  });
});
