import { describe, expect, it } from "vitest";
import { parseDecision, parseDecisions } from "../../src/core/decisions.ts";
import { UsageError } from "../../src/core/errors.ts";

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
    expect(parseDecisions(answer, ["plan-1"])).toEqual([APPROVE]);
  });

  it("puts decisions by id in the requests' order", () => {
    const answer = { b: "reject", a: "approve" };
    expect(parseDecisions(answer, ["a", "b"])).toEqual([APPROVE, { type: "reject", message: "" }]);
  });

  it("wants one decision for each request", () => {
    expect(() => parseDecisions({ decisions: [] }, ["a"])).toThrow("There is 1 request but 0 decisions");
    expect(() => parseDecisions(["approve"], ["a", "b"])).toThrow("There are 2 requests but 1 decisions");
    expect(() => parseDecisions({ a: "approve" }, ["a", "b"])).toThrow(/answer to b/);
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

  it.each([
    [null],
    [undefined],
    [true],
    [7],
    ["maybe"],
    [{}],
    [{ type: "constructor" }],
    [{ type: "edit" }],
    [{ type: "respond" }],
  ])("refuses %j and names the request", (value) => {
    expect(() => parseDecision(value, "plan-7")).toThrow(UsageError);
    expect(() => parseDecision(value, "plan-7")).toThrow("plan-7");
  });
});
