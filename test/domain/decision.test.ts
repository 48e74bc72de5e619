import { describe, expect, it } from "vitest";
import { parseDecision, parseDecisions } from "../../src/domain/decision.ts";
import { UsageError } from "../../src/domain/errors.ts";

const APPROVE = { type: "approve" };

describe("parseDecisions", () => {
  it.each([
    ["a word", "approve"],
    ["one decision", { type: "approve" }],
    ["LangChain's list", { decisions: [{ type: "approve" }] }],
    ["a bare list", [{ type: "approve" }]],
    ["the Agent Inbox's list", [{ type: "accept", args: null }]],
    ["an object by id", { "plan-1": { type: "approve" } }],
    ["a word by id", { "plan-1": "approve" }],
  ])("reads %s", (_, answer) => {
    expect(parseDecisions(answer, ["plan-1"])).toEqual([{ requestId: "plan-1", decision: APPROVE }]);
  });

  it.each([
    ["by id, in any order", { b: "reject", a: "approve" }],
    ["LangChain's list by id", { decisions: { b: "reject", a: "approve" } }],
    ["a list in the requests' order", ["approve", "reject", null]],
    ["LangChain's list in that order", { decisions: [{ type: "approve" }, { type: "reject" }, null] }],
  ])("reads decisions on some of several: %s", (_, answer) => {
    const given = parseDecisions(answer, ["a", "b", "c"]);
    expect(given.toSorted((one, other) => one.requestId.localeCompare(other.requestId))).toEqual([
      { requestId: "a", decision: APPROVE },
      { requestId: "b", decision: { type: "reject", message: "" } },
    ]);
  });

  it("leaves it to the caller whether an id of another request is known", () => {
    expect(parseDecisions({ "failure-0123abcd": "retry" }, ["plan-1"])).toMatchObject([
      { requestId: "failure-0123abcd", decision: { type: "respond" } },
    ]);
  });

  it.each([
    ["an empty list", { decisions: [] }, ["a"], "There is 1 request but 0 decisions"],
    [
      "a list too short",
      ["approve"],
      ["a", "b"],
      "There are 2 requests but 1 decision: give one for each of a, b",
    ],
    ["one word for several", "approve", ["a", "b"], "There are 2 requests but 1 decision"],
    ["nothing but not yet", [null, null], ["a", "b"], "The answer decides nothing"],
    ["nothing by id", { a: null }, ["a", "b"], "The answer decides nothing"],
    ["no answer", null, ["a"], "The answer decides nothing"],
    ["nothing at all", undefined, ["a"], "The answer decides nothing"],
  ])("does not take %s", (_, answer, ids, says) => {
    expect(() => parseDecisions(answer, ids)).toThrow(says);
    expect(() => parseDecisions(answer, ids)).toThrow(UsageError);
  });
});

describe("parseDecision", () => {
  const tasks = [{ id: "x" }];

  it.each([
    ["camelCase", { type: "edit", editedAction: { name: "plan", args: { tasks } } }],
    ["snake_case", { type: "edit", edited_action: { name: "plan", args: { tasks } } }],
    ["`arguments`", { type: "edit", editedAction: { arguments: { tasks } } }],
    ["plain args", { type: "edit", args: { tasks } }],
    ["the Agent Inbox's wrapping", { type: "edit", args: { action: "plan", args: { tasks } } }],
  ])("reads an edit in %s", (_, value) => {
    expect(parseDecision(value, "r")).toEqual({ type: "edit", args: { tasks } });
  });

  it("reads the reason of a rejection wherever clients put it", () => {
    expect(parseDecision({ type: "reject", message: " too dear " }, "r")).toEqual({
      type: "reject",
      message: "too dear",
    });
    expect(parseDecision({ type: "ignore" }, "r")).toEqual({ type: "reject", message: "" });
    expect(parseDecision({ type: "response", args: "try again" }, "r")).toEqual({
      type: "respond",
      message: "try again",
    });
  });

  it("keeps the value of a response beside its words, which are the value in short where there are none", () => {
    const value = { colours: "red ".repeat(99) };
    expect(parseDecision({ type: "respond", value: 0 }, "r")).toEqual({
      type: "respond",
      message: "0",
      value: 0,
    });
    expect(parseDecision({ type: "respond", message: "These.", value }, "r")).toEqual({
      type: "respond",
      message: "These.",
      value,
    });
    expect(parseDecision({ type: "respond", value }, "r")).toMatchObject({
      message: expect.stringMatching(/^\{"colours":"red .{1,190}$/),
    });
  });

  it.each([
    [null],
    [undefined],
    [true],
    [7],
    ["maybe"],
    [{ type: "maybe", message: "Perhaps." }],
    [{}],
    [{ type: "constructor" }],
    [{ type: "edit" }],
    [{ type: "respond" }],
  ])("refuses %j and names the request", (value) => {
    expect(() => parseDecision(value, "plan-7")).toThrow(UsageError);
    expect(() => parseDecision(value, "plan-7")).toThrow("plan-7");
  });
});
