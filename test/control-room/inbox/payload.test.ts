import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  budgetPayload,
  failurePayload,
  planPayload,
  prettyJson,
} from "../../../src/control-room/inbox/payload.ts";
import { toolPayload } from "../../../src/control-room/inbox/tool-payload.ts";

describe("the payload of a request", () => {
  it("of any shape at all is read without an error", () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ tasks: fc.jsonValue(), attempts: fc.jsonValue(), args: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        for (const read of [planPayload, budgetPayload, failurePayload, toolPayload, prettyJson]) {
          expect(read(payload)).toBeDefined();
        }
      }),
    );
  });

  it("of a plan shows its tasks and what they may cost", () => {
    const task = { id: "a", agent: "x", description: "A", prompt: "Do a.", dependsOn: ["b"], model: null };
    expect(planPayload({ tasks: [task], estimateUsd: 0.5 })).toEqual({
      tasks: [{ ...task, all: task }],
      estimateUsd: 0.5,
    });
  });

  it("of a budget that cannot be raised names no amount", () => {
    expect(budgetPayload({ ceiling: "account", spentUsd: 1 })).toMatchObject({
      budgetUsd: null,
      spentUsd: 1,
    });
  });

  it("of a failure tells no answer from an empty one", () => {
    expect(failurePayload({ answer: null }).answer).toBeNull();
    expect(failurePayload({ answer: "" }).answer).toBe("");
  });

  it("of a tool gives what an edit may change", () => {
    const args = { command: "ls" };
    expect(toolPayload({ task: "a", tool: "Bash", args })).toEqual({ name: "Bash", args });
  });
});
