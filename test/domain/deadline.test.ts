import { describe, expect, it } from "vitest";
import { deadlineSchema, defaultDecision } from "../../src/domain/deadline.ts";
import { REQUEST_KINDS } from "../../src/domain/request.ts";
import { allowedDecisions } from "../../src/requests/requests.ts";

describe("what is decided when nobody does", () => {
  it.each(REQUEST_KINDS)("fits what may be decided about a %s", (kind) => {
    for (const answer of ["approve", "reject"] as const) {
      const decision = defaultDecision(kind, answer);
      if (decision) expect(allowedDecisions({ kind, payload: { output: "x" } })).toContain(decision.type);
    }
  });

  it("never buys what a human has not allowed", () => {
    expect(defaultDecision("budget", "approve")).toBeUndefined();
    expect(defaultDecision("failure", "approve")).toBeUndefined();
    expect(defaultDecision("budget", "reject")).toMatchObject({ type: "reject" });
    expect(defaultDecision("failure", "reject")).toMatchObject({ type: "reject" });
  });

  it("rejects plan and result without a reason: with one they would be made anew", () => {
    expect(defaultDecision("plan", "reject")).toEqual({ type: "reject", message: "" });
    expect(defaultDecision("result", "reject")).toEqual({ type: "reject", message: "" });
    expect(defaultDecision("tool", "reject")).toMatchObject({ message: expect.stringMatching(/in time/) });
  });
});

describe("a deadline", () => {
  it.each([
    { seconds: 0, answer: "approve" },
    { seconds: 1e9, answer: "approve" },
    { seconds: 5, answer: "edit" },
  ])("is not %o", (value) => {
    expect(deadlineSchema.safeParse(value).success).toBe(false);
  });
});
