import { describe, expect, it } from "vitest";
import { deadlineSchema } from "../../src/domain/deadline.ts";

describe("a deadline", () => {
  it.each([
    { seconds: 0, answer: "approve" },
    { seconds: 1e9, answer: "approve" },
    { seconds: 5, answer: "edit" },
  ])("is not %o", (value) => {
    expect(deadlineSchema.safeParse(value).success).toBe(false);
  });
});
