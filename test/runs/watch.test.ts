import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import type { ProgressEvent } from "../../src/domain/event.ts";
import { watchThread } from "../../src/runs/watch.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();

async function watched(threadId: string, signal = new AbortController().signal) {
  const events: ProgressEvent[] = [];
  const onEvent = (event: ProgressEvent) => void events.push(event);
  const status = await watchThread(testEngine().engine.database, { threadId, signal, onEvent });
  return { events, status };
}

describe("watching a thread", () => {
  it("tells its plan, its tasks and its money as its rows have them, and ends with it", async () => {
    const { run } = testEngine();
    const { thread, tasks, costUsd } = await run(
      { input: "Compare a and b, in detail and with care for risks" },
      { autoApprove: ["plan"] },
    );

    const { events, status } = await watched(thread);

    expect(status).toBe("completed");
    expect(events[0]).toMatchObject({
      type: "planned",
      tasks: tasks.map(({ id, agent }) => ({ id, agent })),
    });
    const ends = events.filter((event) => event.type === "task");
    expect(ends.map(({ id, status: end }) => [id, end])).toEqual(tasks.map(({ id }) => [id, "completed"]));
    const paid = events.map((event) => ("costUsd" in event ? event.costUsd : 0));
    expect(paid.reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(costUsd, 8);
  });

  it("ends where it waits for a human", async () => {
    const { run } = testEngine();
    const { thread } = await run({ input: "@sydney-coder write" });

    expect(await watched(thread)).toEqual({ status: "waiting", events: [] });

    await run(new Command({ resume: "reject" }), {}, thread);
    expect((await watched(thread)).status).toBe("cancelled");
  });

  it("goes on through a wait where that is wanted, and says when it begins and ends", async () => {
    const { run, engine } = testEngine();
    const { thread } = await run({ input: "@sydney-coder write" });
    const waits: boolean[] = [];
    let goOn: Promise<unknown> = Promise.resolve();

    const status = await watchThread(engine.database, {
      threadId: thread,
      signal: new AbortController().signal,
      onEvent: () => undefined,
      onWait: async (isWaiting) => {
        waits.push(isWaiting);
        if (isWaiting) goOn = run(new Command({ resume: "approve" }), {}, thread);
      },
    });
    await goOn;

    expect(status).toBe("completed");
    expect(waits[0]).toBe(true);
    expect(waits.filter((isWaiting) => isWaiting)).toHaveLength(1);
  });

  it("follows a run that is under way to its end", async () => {
    const { run, engine } = testEngine();
    const { thread } = await run({ input: "@sydney-coder write" });
    const going = run(new Command({ resume: "approve" }), {}, thread);
    // The row says running from the run's first moment on.
    await expect
      .poll(
        async () =>
          (await engine.database.pool.query("SELECT status FROM threads WHERE thread_id = $1", [thread]))
            .rows[0].status,
      )
      .not.toBe("waiting");

    expect((await watched(thread)).status).toBe("completed");
    expect((await going).status).toBe("completed");
  });

  it("stops when it is told to, and knows no thread that there is none of", async () => {
    const { run, engine } = testEngine();
    const { thread } = await run({ input: "@sydney-coder write" });
    await engine.database.pool.query("UPDATE threads SET status = 'running' WHERE thread_id = $1", [thread]);

    expect((await watched(thread, AbortSignal.abort())).status).toBe("stopped");
    await expect(watched("0b0f2d6e-3f58-4c7e-9a50-1d2f4f3f9b11")).rejects.toThrow(UsageError);
  });
});
