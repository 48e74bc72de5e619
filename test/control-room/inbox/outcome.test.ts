import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../src/control-room/inbox/outcome.ts";
import { aRequest, threadId } from "../../support/control-room/data.ts";

const request = (changes: Parameters<typeof aRequest>[2]) => aRequest("r", threadId(1), changes);

describe("the words of the inbox", () => {
  it("say how a request ended, by whom and with which words", () => {
    const answer = { type: "reject", message: "Too dear." } as const;
    const answered = request({ status: "answered", answer, answeredBy: "ann@desk" });
    expect(outcomeOf(answered)).toBe("rejected by ann@desk: Too dear.");
    expect(outcomeOf({ ...answered, answer: { type: "approve" }, answeredBy: null })).toBe("approved");
    expect(outcomeOf(request({ status: "withdrawn" }))).toContain("withdrawn");
  });
});
