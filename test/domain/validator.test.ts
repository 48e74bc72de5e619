import { describe, expect, it } from "vitest";
import { whyNot } from "../../src/domain/json-schema.ts";
import { parsePlan } from "../../src/domain/plan.ts";

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

describe("a JSON schema of a stranger", () => {
  it("that is too slow is a failed check, and does not stop the process", () => {
    const says = whyNot({ type: "string", pattern: "^(a+)+$" }, `${"a".repeat(60)}b`);
    expect(says).toBe(
      "The JSON schema of the task takes longer than 1000 ms to check: use a simpler pattern.",
    );
    expect(whyNot({ type: "string", pattern: "^(a+)+$" }, "aaa")).toBeUndefined();
  });

  it.each([
    [{ $ref: "#" }],
    [{ $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }],
  ])("that refers to itself without an end is refused with the plan: %j", (schema) => {
    expect(() => parsePlan(plan({ schema }), agents)).toThrow(
      /a JSON schema that refers to itself without an end/,
    );
    expect(whyNot(schema, {})).toMatch(/refers to itself/);
  });

  it("may refer to itself where its values end", () => {
    const schema = { type: "object", properties: { child: { $ref: "#" }, name: { type: "string" } } };
    expect(parsePlan(plan({ schema }), agents)).toHaveLength(1);
    expect(whyNot(schema, { child: { child: { name: 1 } } })).toMatch(/child\.child\.name/);
  });

  it("that is too large or too deep is refused with the plan", () => {
    expect(() => parsePlan(plan({ schema: { description: "x".repeat(20_000) } }), agents)).toThrow(
      /longer than/,
    );
    let schema: object = { type: "string" };
    for (let depth = 0; depth < 50; depth++) schema = { type: "array", items: schema };
    expect(() => parsePlan(plan({ schema }), agents)).toThrow(/nested deeper/);
  });
});
