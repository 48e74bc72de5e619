import { expect, it } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import { defineTool } from "../../../src/tools/own/define-own-tool.ts";

const spec = { name: "look_up", description: "Looks a word up.", effect: "reads" as const, run: () => "" };

it("a tool takes a schema of zod 4, and one of zod 3 is refused by name", () => {
  expect(defineTool({ ...spec, input: z.object({ word: z.string() }) }).inputSchema).toMatchObject({
    properties: { word: { type: "string" } },
  });
  const old: unknown = z3.object({ word: z3.string() });
  expect(() => defineTool({ ...spec, input: old as z.ZodObject })).toThrow(
    'The input of tool "look_up" is no schema of zod 4: install zod@4.',
  );
});
