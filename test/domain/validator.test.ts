import { describe, expect, it } from "vitest";
import { parsePlan } from "../../src/domain/plan.ts";
import { whyNot } from "../../src/domain/validator.ts";

const agents = new Set(["coder"]);
const plan = (validate: object) => ({ tasks: [{ id: "a", agent: "coder", prompt: "p", validate }] });

describe("a plan with a command to validate by", () => {
  it("is refused unless commands are allowed, which is never so by default", () => {
    expect(() => parsePlan(plan({ command: "true" }), agents)).toThrow(/not allowed here.*ALLOW_COMMANDS/);
    expect(parsePlan(plan({ command: "true" }), agents, true)[0]?.validate).toEqual({ command: "true" });
  });
});

describe("a validator", () => {
  it.each([
    ["that names nothing", {}, /names no schema, command or agent/],
    ["by an agent that there is not", { agent: "judge" }, /task "a" .*unknown agent "judge"/],
    ["with a schema that is none", { schema: { type: "shape" } }, /task "a" has a JSON schema that cannot/],
    ["with an unknown key", { command: "true", script: "x" }, /script/],
  ])("%s is refused", (_, validate, says) => {
    expect(() => parsePlan(plan(validate), agents, true)).toThrow(says);
  });
});

describe("whyNot", () => {
  const schema = { type: "object", required: ["a"], properties: { a: { type: "string" } } };

  it("says nothing of a value that fits, and where one that does not is wrong", () => {
    expect(whyNot(schema, { a: "x" })).toBeUndefined();
    expect(whyNot(schema, { a: 1 })).toMatch(/^a: /);
    expect(whyNot(schema, "text")).toMatch(/^the output: /);
    const inside = { type: "object", properties: { list: { type: "array", items: schema } } };
    expect(whyNot(inside, { list: [{ a: 1 }, {}] })).toMatch(/^list\.0\.a: .*; list\.1\.a: /);
  });
});
