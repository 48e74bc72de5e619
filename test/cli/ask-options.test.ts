import { describe, expect, it } from "vitest";
import { askFrom, deadlineFrom } from "../../src/cli/ask-options.ts";

const given = (name: string, value: string) => ({ positionals: [], options: { [name]: value } });

describe("--ask", () => {
  it.each([
    ["result", { result: "always" }],
    ["plan=never,result", { plan: "never", result: "always" }],
    ["tool=writes", { tool: "writes" }],
    [" tool , plan=always ", { tool: "always", plan: "always" }],
  ])("reads %s", (value, policy) => {
    expect(askFrom(given("ask", value))).toEqual(policy);
  });

  it.each([
    "",
    "budget",
    "failure=never",
    "plan=writes",
    "result=perhaps",
    "__proto__",
    "plan=always=never2,x",
  ])("refuses %j in one sentence", (value) => {
    expect(() => askFrom(given("ask", value))).toThrow(
      /^--ask takes plan, tool, result and question, .*You are always asked about .*\.$/,
    );
  });

  it("is nothing where it is not given", () => {
    expect(askFrom({ positionals: [], options: {} })).toBeUndefined();
  });
});

describe("--deadline", () => {
  it.each([
    ["30m=approve", { seconds: 1800, answer: "approve" }],
    ["2h=reject", { seconds: 7200, answer: "reject" }],
    ["1.5d=reject", { seconds: 129_600, answer: "reject" }],
    ["5s=approve", { seconds: 5, answer: "approve" }],
  ])("reads %s", (value, deadline) => {
    expect(deadlineFrom(given("deadline", value))).toEqual(deadline);
  });

  it.each([
    "30m",
    "30=approve",
    "-1m=approve",
    "0s=approve",
    "5y=approve",
    "400d=reject",
    "1h=edit",
    "m=approve",
  ])("refuses %j in one sentence", (value) => {
    expect(() => deadlineFrom(given("deadline", value))).toThrow(/^--deadline must be .* like 30m=approve/);
  });
});
