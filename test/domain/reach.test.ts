import { expect, it } from "vitest";
import { z } from "zod";
import { data, optionsOfCode, reachingCode } from "../../src/domain/reach.ts";
import { threadOptionsSchema } from "../../src/requests/thread-options.ts";

it("an option reaches code until it is marked as data", () => {
  const schema = z.object({
    marked: data(z.number().optional()),
    byValue: data(z.string().optional(), (value) => (value === "ls" ? "code" : "data")),
    unmarked: z.number().optional(),
  });
  expect(optionsOfCode(schema)).toEqual(["unmarked"]);
  expect(reachingCode(schema, { marked: 1, byValue: "x", unmarked: undefined })).toEqual([]);
  expect(reachingCode(schema, { marked: 1, byValue: "ls", unmarked: 0, unknown: 1 })).toEqual([
    "byValue",
    "unmarked",
    "unknown",
  ]);
});

it.each([
  [{ autoApprove: ["plan", "result"] }, []],
  [{ autoApprove: ["plan", "tool"] }, ["autoApprove"]],
  [{ ask: { plan: "never", question: "never", tool: "always" } }, []],
  [{ ask: { tool: "writes" } }, ["ask"]],
  [{ ask: { "kind-of-another-version": "never" } }, ["ask"]],
  [{ deadline: { seconds: 1, answer: "reject" } }, []],
  [{ deadline: { seconds: 1, answer: "approve" } }, ["deadline"]],
  [{ network: "none" }, []],
  [{ network: "shared" }, ["network"]],
])("of a run's options, %j reach code: %j", (options, expected) => {
  expect(reachingCode(threadOptionsSchema, options)).toEqual(expected);
  expect(optionsOfCode(threadOptionsSchema)).toEqual(["agentsDir", "tools", "workspace"]);
});
