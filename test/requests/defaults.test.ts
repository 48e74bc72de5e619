import { describe, expect, it } from "vitest";
import { withDeadline } from "../../src/requests/deadline.ts";
import { KINDS } from "../../src/requests/kinds.ts";
import { planRequest } from "../../src/requests/plan.ts";

const kind = (name: string) => KINDS.of({ kind: name });

describe("what is decided when nobody does", () => {
  it.each(KINDS.all.map(({ name }) => name))("fits what may be decided about a %s", (name) => {
    for (const answer of ["approve", "reject"] as const) {
      const decision = kind(name).byDefault(answer);
      if (decision) expect(kind(name).allowed({ payload: { output: "x" } })).toContain(decision.type);
    }
  });

  it("never buys what a human has not allowed", () => {
    expect(kind("budget").byDefault("approve")).toBeUndefined();
    expect(kind("failure").byDefault("approve")).toBeUndefined();
    expect(kind("budget").byDefault("reject")).toMatchObject({ type: "reject" });
    expect(kind("failure").byDefault("reject")).toMatchObject({ type: "reject" });
  });

  it.each(["plan", "result", "tool", "interrupt"])("approves a %s where that is the answer", (name) => {
    expect(kind(name).byDefault("approve")).toEqual({ type: "approve" });
  });

  it("is kept with a request that has an answer for it, and with no other", () => {
    const request = planRequest({ threadId: "t", stop: undefined }, [], 0);
    const deadline = { seconds: 60, answer: "approve" } as const;
    expect(withDeadline(kind("plan"), undefined, request)).toEqual(request);
    expect(withDeadline(kind("budget"), deadline, request)).toEqual(request);
    expect(withDeadline(kind("plan"), deadline, request)).toEqual({
      ...request,
      deadline: { seconds: 60, answer: { type: "approve" } },
    });
  });

  it("rejects plan and result without a reason: with one another is made", () => {
    expect(kind("plan").byDefault("reject")).toEqual({ type: "reject", message: "" });
    expect(kind("result").byDefault("reject")).toEqual({ type: "reject", message: "" });
    expect(kind("tool").byDefault("reject")).toMatchObject({ message: expect.stringMatching(/in time/) });
  });
});
