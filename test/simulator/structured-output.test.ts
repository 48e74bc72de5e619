import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { AGENT_RESULT_JSON_SCHEMA, agentResultSchema } from "../../src/domain/agent-result.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";

let simulator: Simulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startSimulator();
  client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());

const PROMPT =
  "List what a queue needs. Workers take jobs from it. A job that fails comes back. Nothing is lost.";

async function answerTo(schema: Record<string, unknown>, content = PROMPT): Promise<unknown> {
  const message = await client.messages.create({
    model: "claude-sonnet-5",
    max_tokens: 8000,
    messages: [{ role: "user", content }],
    output_config: { format: { type: "json_schema", schema } },
  });
  const [block] = message.content;
  return JSON.parse(block?.type === "text" ? block.text : "");
}

/** Schemas as people write them, and as zod does. */
const SCHEMAS: Readonly<Record<string, Record<string, unknown>>> = {
  "a text": { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
  "bounds of a text": object({ a: { type: "string", minLength: 200, maxLength: 210 } }),
  "a short text": object({ a: { type: "string", maxLength: 3 } }),
  "numbers with bounds": object({ a: { type: "number", minimum: 0.2, maximum: 0.4 } }),
  "exclusive bounds": object({ a: { type: "number", exclusiveMinimum: 1, exclusiveMaximum: 2 } }),
  "an integer with a step": object({ a: { type: "integer", minimum: 7, multipleOf: 5 } }),
  "a negative number": object({ a: { type: "integer", maximum: -3 } }),
  "a choice": object({ a: { enum: ["x", "y"] }, b: { const: 7 } }),
  "lists with bounds": object({ a: { type: "array", items: { type: "integer" }, minItems: 4, maxItems: 4 } }),
  "an empty list": object({ a: { type: "array", items: { type: "string" }, maxItems: 0 } }),
  alternatives: object({
    a: { anyOf: [{ type: "null" }, { type: "string" }] },
    b: { type: ["integer", "null"] },
  }),
  "alternatives of objects": object({
    a: { oneOf: [object({ kind: { const: "x" } }), object({ kind: { const: "y" }, n: { type: "number" } })] },
  }),
  "what belongs together": { allOf: [object({ a: { type: "string" } }), object({ b: { type: "integer" } })] },
  references: {
    $defs: {
      name: { type: "string" },
      pair: object({ one: { $ref: "#/$defs/name" }, two: { $ref: "#/$defs/name" } }),
    },
    ...object({ pairs: { type: "array", items: { $ref: "#/$defs/pair" } } }),
  },
  "a pattern": object({
    a: { type: "string", pattern: "^[A-Z]{3}-\\d{4}$" },
    b: { type: "string", pattern: "^(x|y)+$" },
  }),
  formats: object(
    Object.fromEntries(
      ["date", "date-time", "email", "uuid", "uri", "ipv4"].map((f) => [
        f.replace("-", ""),
        { type: "string", format: f },
      ]),
    ),
  ),
  "a list in a list": object({ a: { type: "array", items: { type: "array", items: { type: "boolean" } } } }),
  "a deep object": object({ a: object({ b: object({ c: object({ d: { type: "string" } }) }) }) }),
  "a list at the top": { type: "array", items: object({ a: { type: "string" } }), minItems: 1 },
  "what is not required": { type: "object", properties: { a: { type: "string" }, b: { type: "integer" } } },
  "what zod makes of it": z.toJSONSchema(
    z.object({
      tags: z.array(z.string().min(2)).min(1).max(3),
      level: z.enum(["low", "high"]),
      score: z.number().min(0).max(1),
      when: z.iso.date().nullable(),
      by: z.record(z.string(), z.number()),
    }),
  ),
};

function object(properties: Record<string, unknown>): Record<string, unknown> {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

describe("structured output", () => {
  it.each(Object.entries(SCHEMAS))("satisfies a schema with %s", async (_, schema) => {
    const check = z.fromJSONSchema(schema);

    const answer = await answerTo(schema);

    expect(check.safeParse(answer).error?.issues ?? []).toEqual([]);
  });

  it("comes to an end for a schema that contains itself", async () => {
    const schema = {
      $defs: {
        node: object({
          name: { type: "string" },
          children: { type: "array", items: { $ref: "#/$defs/node" } },
        }),
      },
      ...object({ root: { $ref: "#/$defs/node" } }),
    };

    expect(JSON.stringify(await answerTo(schema)).length).toBeLessThan(20_000);
  });

  it("is an agent's result, worth reading, in the prompt's own words", async () => {
    const answer = agentResultSchema.parse(await answerTo({ ...AGENT_RESULT_JSON_SCHEMA }));

    expect(answer.output).toContain("Workers take jobs from it");
    const known = new Set(
      wordsOf(`${PROMPT} Topics none Simulated with words of the prompt without a model`),
    );
    expect(wordsOf(answer.output).filter((word) => !known.has(word))).toEqual([]);
  });
});

describe("the same seed", () => {
  it("gives the same answer in another simulator, and another one another", async () => {
    const answers = [];
    for (const seed of [1, 1, 2]) {
      const own = await startSimulator({ seed });
      const asked = new Anthropic({ apiKey: "any", baseURL: own.url, maxRetries: 0 });
      const { content, id } = await asked.messages.create({
        model: "claude-sonnet-5",
        max_tokens: 4000,
        messages: [{ role: "user", content: PROMPT }],
        output_config: { format: { type: "json_schema", schema: { ...AGENT_RESULT_JSON_SCHEMA } } },
      });
      answers.push({ content, id });
      await own.close();
    }

    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).not.toEqual(answers[0]);
  });
});

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

describe("the tool by which Claude Code has structured output", () => {
  it("is called with an answer of its schema, about what the user said", async () => {
    const reminder = { type: "text", text: "<system-reminder>Sign commits.</system-reminder>" } as const;
    const message = await client.messages.create({
      model: "claude-sonnet-5",
      max_tokens: 8000,
      messages: [{ role: "user", content: [reminder, { type: "text", text: PROMPT }] }],
      tools: [{ name: "StructuredOutput", input_schema: { ...AGENT_RESULT_JSON_SCHEMA } as never }],
    });
    expect(message.stop_reason).toBe("tool_use");
    const [call] = message.content;
    const answer = agentResultSchema.parse(call?.type === "tool_use" && call.input);
    expect(answer.output).toContain("Nothing is lost");
    expect(answer.output).not.toContain("Sign commits");
  });
});
