import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AwaitsHumanError } from "../../src/attempts/awaits-human.ts";
import { readResultTool } from "../../src/attempts/read-result.ts";
import { answerToolCalls, type ToolLoop, type ToolUpdate } from "../../src/attempts/tool-loop.ts";
import { inputProblem } from "../../src/calls/tool-input.ts";
import type { TurnResponse } from "../../src/calls/transport.ts";
import { MemoryExceededError } from "../../src/domain/errors.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { openExecution } from "../../src/postgres/agent-coordination/executions.ts";
import { resultsOf, type TaskResult } from "../../src/postgres/agent-coordination/results.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { type AskingCall, decideToolCall, toolCallsOf } from "../../src/postgres/tool-calls.ts";
import type { Tool, ToolEffect, ToolOutput } from "../../src/tools/tool.ts";
import { useTestDatabase } from "../support/database.ts";
import { reservedCall } from "../support/reserved-call.ts";
import { testWorkspace } from "../support/workspace.ts";

const testDatabase = useTestDatabase();
const done = (content: string): ToolOutput => ({ content, isError: false });

/** A tool that keeps what it was called with. */
function tool(name: string, effect: ToolEffect, run: (input: unknown) => Promise<ToolOutput>) {
  const inputs: unknown[] = [];
  const made: Tool = {
    name,
    effect,
    description: name,
    inputSchema: { type: "object" },
    run: (input) => {
      inputs.push(input);
      return run(input);
    },
  };
  return { ...made, inputs };
}

/** A response that asks for calls of these tools, with ids of their order. */
function asking(...calls: readonly (readonly [string, unknown])[]): TurnResponse {
  const content = [
    { type: "text", text: "Let me see." },
    ...calls.map(([name, input], index) => ({ type: "tool_use", id: `toolu_${index}`, name, input })),
  ];
  return { id: "m", model: "m", text: "", stopReason: "tool_use", usage: NO_USAGE, requestId: null, content };
}

let threadId = "";
let callId = "";
beforeEach(async () => {
  threadId = randomUUID();
  const thread = { id: threadId, graph: "g", input: "", options: {}, simulated: false, budgetUsd: 1 };
  await beginThread(testDatabase(), thread);
  callId = await reservedCall(testDatabase(), threadId, { taskId: "t" });
});

function desk(tools: readonly Tool[], more: Partial<ToolLoop> = {}) {
  const turn: AskingCall = { threadId, executionId: "e", taskId: "t", attempt: 1, turn: 1, callId };
  const news: ToolUpdate[] = [];
  const { signal } = new AbortController();
  const loop: ToolLoop = {
    database: testDatabase(),
    tools,
    mayReplay: true,
    signal,
    mustAsk: () => false,
    whyForbidden: () => undefined,
    isSandboxed: false,
    run: async (one, input) => {
      const { use } = await testWorkspace();
      return use(one, input);
    },
    onTool: (one) => void news.push(one),
    ...more,
  };
  return { turn, loop, news, calls: () => toolCallsOf(testDatabase(), turn) };
}

const result = (index: number, content: string, isError = false) => ({
  type: "tool_result",
  tool_use_id: `toolu_${index}`,
  content,
  ...(isError && { is_error: true }),
});

describe("the calls of a turn", () => {
  it("that read run side by side; those that write one after another, in their order", async () => {
    const running: string[] = [];
    const peaks: string[] = [];
    let meet: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const work = (name: string, wait: () => Promise<unknown>) => async () => {
      running.push(name);
      peaks.push(running.join("+"));
      await wait();
      running.splice(running.indexOf(name), 1);
      return done(name);
    };
    const pair = tool(
      "pair",
      "reads",
      work("pair", () => {
        if (running.length === 2) meet();
        return both;
      }),
    );
    const put = tool(
      "put",
      "writes",
      work("put", () => new Promise((resolve) => setImmediate(resolve))),
    );
    const { turn, loop } = desk([pair, put]);
    const response = asking(["pair", {}], ["pair", {}], ["put", {}], ["put", {}], ["pair", {}]);

    const message = await answerToolCalls(loop, turn, response);

    expect(peaks).toEqual(["pair", "pair+pair", "put", "put", "pair"]);
    expect(message).toEqual({
      role: "user",
      content: ["pair", "pair", "put", "put", "pair"].map((name, index) => result(index, name)),
    });
  });

  it("are not run again when they are answered once more, whatever came of them", async () => {
    const flaky = tool("flaky", "writes", () => Promise.reject(new Error("no luck")));
    const put = tool("put", "writes", async () => done("put"));
    const { turn, loop, news } = desk([put, flaky]);
    const response = asking(["put", { a: 1 }], ["flaky", {}], ["nowhere", {}], ["put", "cut off"]);

    const first = await answerToolCalls(loop, turn, response);
    const second = await answerToolCalls(loop, turn, response);

    expect(second).toEqual(first);
    expect(first.content).toEqual([
      result(0, "put"),
      result(1, "flaky failed: no luck", true),
      result(2, 'There is no tool "nowhere". There is put, flaky.', true),
      result(3, `${inputProblem("cut off")}`, true),
    ]);
    expect(put.inputs).toEqual([{ a: 1 }]);
    expect(flaky.inputs).toHaveLength(1);
    const told = news.map(({ name, end }) => `${name} ${end?.isError}`);
    expect(told.slice(0, 4)).toEqual(["put undefined", "put false", "flaky undefined", "flaky true"]);
    expect(told.slice(4).sort()).toEqual(["nowhere true", "put true"]);
  });

  it("that were running when the process died are told as interrupted, or run again where they only read", async () => {
    const { turn, loop, calls } = desk([]);
    const stop = new AbortController();
    const hang = () =>
      new Promise<ToolOutput>((_, reject) => {
        stop.signal.addEventListener("abort", () => reject(new Error("gone")));
        queueMicrotask(() => stop.abort());
      });
    const tools = [tool("look", "reads", hang), tool("put", "writes", hang)];
    const interrupted = { ...loop, tools, signal: stop.signal };
    await expect(answerToolCalls(interrupted, turn, asking(["look", {}]))).rejects.toThrow();
    const second = await reservedCall(testDatabase(), threadId, { taskId: "t", turn: 2 });
    const other = { ...turn, turn: 2, callId: second };
    const again = new AbortController();
    const dying = { ...loop, tools: [tool("put", "writes", hang)], signal: again.signal };
    again.signal.addEventListener("abort", () => undefined);
    const putting = { ...dying, run: () => Promise.reject(again.abort()) };
    await expect(answerToolCalls(putting, other, asking(["put", {}]))).rejects.toThrow();
    expect((await calls()).map(({ status }) => status)).toEqual(["running"]);
    const look = tool("look", "reads", async () => done("seen"));
    const put = tool("put", "writes", async () => done("put"));
    const later = { ...loop, tools: [look, put] };

    const seen = await answerToolCalls(later, turn, asking(["look", {}]));
    const told = await answerToolCalls(later, other, asking(["put", {}]));

    expect(seen.content).toEqual([result(0, "seen")]);
    expect(told.content).toEqual([result(0, expect.stringContaining("interrupted") as never, true)]);
    expect(put.inputs).toEqual([]);
  });

  it("wait for a human one by one, and the decision about one is for that one", async () => {
    const put = tool("put", "writes", async (input) => done(`put ${JSON.stringify(input)}`));
    const look = tool("look", "reads", async () => done("seen"));
    const { turn, loop, calls } = desk([put, look], { mustAsk: ({ effect }) => effect === "writes" });
    const response = asking(["put", { a: 1 }], ["look", {}], ["put", { b: 2 }]);

    const waiting = await answerToolCalls(loop, turn, response).catch((error: unknown) => error);

    expect(waiting).toBeInstanceOf(AwaitsHumanError);
    expect(waiting).toMatchObject({ waitingFor: { kind: "tool", attempt: 1, turn: 1 } });
    expect((await calls()).map(({ status }) => status)).toEqual(["asked", "done", "asked"]);

    const decide = (id: string, decision: object) =>
      decideToolCall(testDatabase(), turn, id, decision as never);
    await decide("toolu_2", { type: "edit", args: { c: 3 } });
    await decide("toolu_2", { type: "approve" }); // The first stands.
    await expect(answerToolCalls(loop, turn, response)).rejects.toThrow(AwaitsHumanError);
    expect(put.inputs).toEqual([{ c: 3 }]);

    await decide("toolu_0", { type: "reject", message: "" });
    const { content } = await answerToolCalls(loop, turn, response);
    expect(content).toEqual([
      result(0, "A human did not allow this call.", true),
      result(1, "seen"),
      result(2, 'A human changed the input to {"c":3}.\n\nput {"c":3}'),
    ]);
    expect([put.inputs.length, look.inputs.length]).toEqual([1, 1]);
  });

  it("none runs of a turn that was cut off in one of them, and each says to do it in smaller parts", async () => {
    const write = tool("write", "writes", async () => done("written"));
    const { turn, loop } = desk([write]);
    const cut = { ...asking(["write", { text: "a" }], ["write", '{"text": "b']), stopReason: "max_tokens" };
    const { content } = await answerToolCalls(loop, turn, cut);
    expect(write.inputs).toEqual([]);
    expect(content).toMatchObject([
      { tool_use_id: "toolu_0", is_error: true, content: expect.stringContaining("smaller parts") },
      { tool_use_id: "toolu_1", is_error: true },
    ]);
    const whole = { ...asking(["write", { text: "a" }]), stopReason: "max_tokens" };
    const next = await reservedCall(testDatabase(), threadId, { taskId: "t", turn: 2 });
    await answerToolCalls(loop, { ...turn, turn: 2, callId: next }, whole);
    expect(write.inputs).toEqual([{ text: "a" }]);
  });

  it("end with the attempt when its memory is used up", async () => {
    const eat = tool("eat", "reads", () => Promise.reject(new MemoryExceededError("too much")));
    const { turn, loop } = desk([eat]);
    await expect(answerToolCalls(loop, turn, asking(["eat", {}]))).rejects.toThrow(MemoryExceededError);
  });
});

describe("a long result", () => {
  it("is shown in part, the same at every replay, and read on to its end", async () => {
    const whole = Array.from({ length: 6000 }, (_, line) => `line ${line} 😀\0`).join("\n");
    const look = tool("look", "reads", async () => done(whole));
    const { turn, loop } = desk([look]);

    const first = await answerToolCalls(loop, turn, asking(["look", {}]));
    const again = await answerToolCalls(loop, turn, asking(["look", {}]));

    expect(again).toEqual(first);
    const shown = JSON.stringify(first.content);
    expect(shown.length).toBeLessThan(30_000);
    expect(shown).toContain("line 5999");
    const [, id = "", offset = ""] = /\\"result\\": \\"(1\.1\.1)\\", \\"offset\\": (\d+)/.exec(shown) ?? [];
    expect(id).toBe("1.1.1");

    const reader = readResultTool(testDatabase(), { ...turn, dependencies: [] });
    const { use } = await testWorkspace();
    let text = "";
    for (let at: number | undefined = 0; at !== undefined; ) {
      const { content } = await use(reader, { result: id, offset: at });
      const [, piece = "", next] =
        /^([\s\S]*?)(?:\n\n\[\d+ characters follow: offset (\d+)\])?$/.exec(content) ?? [];
      text += piece;
      at = next === undefined ? undefined : Number(next);
    }
    expect(text).toBe(whole.replaceAll("\0", "\ufffd"));
    expect(Number(offset)).toBeGreaterThan(10_000);
  });

  it("is known by its place, because some servers repeat the ids of calls; also by its id, as earlier texts name it", async () => {
    let count = 0;
    const look = tool("look", "reads", async () => done(`${++count}`.repeat(30_000)));
    const { turn, loop } = desk([look]);
    const next = { taskId: "t", turn: 2 };
    const later = { ...turn, turn: 2, callId: await reservedCall(testDatabase(), threadId, next) };
    const names: string[] = [];
    for (const asked of [turn, later]) {
      const { content } = await answerToolCalls(loop, asked, asking(["look", {}]));
      names.push(/"result\\": \\"(.*?)\\"/.exec(JSON.stringify(content))?.[1] ?? "");
    }

    const { use } = await testWorkspace();
    const reader = readResultTool(testDatabase(), { ...turn, dependencies: [] });
    const read = async (result: string) => (await use(reader, { result, limit: 3 })).content.slice(0, 3);
    expect(await Promise.all(names.map(read))).toEqual(["111", "222"]);
    expect(await read("toolu_0")).toBe("222");
  });

  it("of a task that this one depends on is read on, and of no other", async () => {
    const execution = { threadId, executionId: "e" };
    const row = { id: "before", agent: "a", description: "d", prompt: "p", dependsOn: [] };
    await openExecution(testDatabase(), execution, [{ ...row, wave: 0, dependants: [] }]);
    const output = "x".repeat(30_000);
    await testDatabase().pool.query(
      "UPDATE agent_coordination SET result = $3 WHERE session_id = $1 AND execution_id = $2",
      [execution.threadId, execution.executionId, JSON.stringify({ output })],
    );
    const [dependency] = await resultsOf(testDatabase(), execution, ["before"], 10);
    const { use } = await testWorkspace();
    const reader = (dependencies: readonly TaskResult[]) =>
      readResultTool(testDatabase(), { ...execution, taskId: "other", dependencies });
    const input = { result: "task:before", offset: 20_000 };
    expect(await use(reader(dependency ? [dependency] : []), input)).toEqual({
      content: output.slice(20_000),
      isError: false,
    });
    expect(await use(reader([]), input)).toMatchObject({ isError: true });
  });

  it("of another task is not there, and of none at all neither", async () => {
    const look = tool("look", "reads", async () => done("x".repeat(30_000)));
    const { turn, loop } = desk([look]);
    await answerToolCalls(loop, turn, asking(["look", {}]));
    const { use } = await testWorkspace();
    const other = readResultTool(testDatabase(), { ...turn, taskId: "other", dependencies: [] });
    expect(await use(other, { result: "toolu_0" })).toEqual({
      content: 'There is no result "toolu_0".',
      isError: true,
    });
    expect(await use(other, { result: 1, offset: -1 })).toMatchObject({ isError: true });
  });
});
