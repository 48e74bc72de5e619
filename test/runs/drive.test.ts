import { randomUUID } from "node:crypto";
import { getEventListeners } from "node:events";
import { END, START } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { defineGraph } from "../../src/index.ts";
import { drive } from "../../src/runs/drive.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({ latencyMs: 5 });
const INPUT = {
  input: "x",
  currentTasks: [{ id: "a", agent: "sydney-research", description: "a", prompt: "a", dependsOn: [] }],
};

describe("a signal that stops many runs", () => {
  it("is listened to by those that run, and by none that has ended", async () => {
    testEngine();
    const stop = new AbortController();
    const options = { autoApprove: ["plan" as const], synthesis: false };
    for (let run = 0; run < 2; run++) {
      await drive(graph, INPUT, { threadId: randomUUID(), options, signal: stop.signal });
      expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    }
    stop.abort(new Error("stopped"));
    const late = drive(graph, INPUT, { threadId: randomUUID(), options, signal: stop.signal });
    await expect(late).rejects.toThrow();
  });
});

describe("a graph of one's own", () => {
  it("may write anything to the stream of progress, also what looks like an event", async () => {
    const written = [{ type: "note", mine: 1 }, { type: "task" }, { type: "mine" }, "words", 7];
    const own = defineGraph("writes", (builder) =>
      builder
        .addNode("write", (_, { writer }) => {
          for (const chunk of written) writer?.(chunk);
          writer?.({ type: "note", phase: "agents", taskId: "a", text: "heard" });
          return {};
        })
        .addEdge(START, "write")
        .addEdge("write", END),
    );
    const events: unknown[] = [];
    const { signal } = new AbortController();
    testEngine();
    await drive(
      own,
      { input: "x" },
      { threadId: randomUUID(), signal, onEvent: (event) => events.push(event) },
    );
    expect(events).toEqual([{ type: "note", phase: "agents", taskId: "a", text: "heard" }]);
  });
});
