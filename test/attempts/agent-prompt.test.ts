import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemPrompt, taskPrompt, taskTurn } from "../../src/attempts/agent-prompt.ts";
import { asMaterial, MATERIAL_RULE } from "../../src/domain/material.ts";
import type { TaskResult } from "../../src/postgres/agent-coordination/results.ts";
import { agentTask } from "../support/agent-task.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const RESULT: TaskResult = {
  id: "find",
  agent: "research",
  description: "Find it",
  status: "completed",
  summary: "Found.",
  error: null,
  output: "It is there.",
  outputLength: 12,
};
const long = (id: string): TaskResult => ({
  ...RESULT,
  id,
  output: "x".repeat(24_000),
  outputLength: 90_000,
});

describe("an agent's system prompt", () => {
  it("begins with its own, and speaks of tools only where it has some", async () => {
    const { agent } = (await agentTask(testDatabase())).request;
    expect(systemPrompt(agent)).toMatch(/^Write it\.\n\nYou are one agent of a workflow/);
    expect(systemPrompt(agent)).not.toContain("use your tools");
    expect(systemPrompt(agent, [{ name: "Read" }])).toMatch(/do not know\. Use your tools/);
    expect(systemPrompt({ ...agent, prompt: "" })).toMatch(/^You are one agent/);
  });

  it("says that nobody answers, or that a human does through ask_human", async () => {
    const { agent } = (await agentTask(testDatabase())).request;
    expect(systemPrompt(agent, [{ name: "Read" }])).toContain("nobody can answer questions");
    const asking = systemPrompt(agent, [{ name: "Read" }, { name: "ask_human" }]);
    expect(asking).toContain("only ask_human reaches anybody");
    expect(asking).not.toContain("nobody can answer");
  });
});

describe("a task's prompt", () => {
  it("is its own words, before the results that it builds on, which are marked as material", () => {
    expect(taskPrompt("Do it.", [])).toBe("Do it.");
    const two = { ...RESULT, id: "two", description: "Find\n### more", output: null, outputLength: 0 };
    expect(taskPrompt("Do it.", [RESULT, two])).toBe(
      `Do it.\n\nThis task builds on these results of others. ${MATERIAL_RULE}\n\n### find (research): Find it\n${asMaterial("It is there.")}\n\n### two (research): Find ### more\n${asMaterial("")}`,
    );
  });

  it("keeps what others wrote in tags that it cannot close", () => {
    const own = asMaterial("It is there.");
    const closing = own.slice(own.lastIndexOf("</"));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(closing, "</material>", "x", "\n") }), (text) => {
        const [open = "", ...rest] = asMaterial(text).split("\n");
        const close = open.replace("<", "</");
        expect(rest.join("\n").indexOf(close)).toBe(text.length + 1);
      }),
    );
  });

  it("says of a task that did not complete why", () => {
    const failed = { ...RESULT, status: "failed", error: "It broke.", output: null } as const;
    expect(taskPrompt("Do it.", [failed])).toContain(
      `Find it\nThis task did not complete. The reason:\n${asMaterial("It broke.")}`,
    );
    expect(taskPrompt("Do it.", [{ ...failed, error: null }])).toContain("not known");
  });

  it("shares its room among long results: each has its summary and as much of its beginning as fits", () => {
    const prompt = taskPrompt("Do it.", [long("a"), RESULT, long("b")]);
    expect(
      prompt.match(
        /Summary: Found\.\n\nx{11900,11994}…\n<\/material-\w+>\n\(shortened from 90000 characters\)/g,
      ),
    ).toHaveLength(2);
    expect(prompt).toContain("It is there.");
    expect(prompt.length).toBeLessThan(24_800);
  });

  it("ends with what failed before and what a human advised, if anything", async () => {
    const { request } = await agentTask(testDatabase());
    const failure = { model: "m", failure: "tool" } as const;
    const failed = ["No.", "Not yet."].map((digest, index) => ({ ...failure, digest, attempt: index + 1 }));
    const { prompt } = request;
    expect(taskTurn(request)).toEqual({ prompt, system: expect.stringContaining("<result>{") });
    expect(taskTurn(request, [], {})).toMatchObject({
      jsonSchema: {},
      system: expect.stringContaining("one JSON object"),
    });
    expect(taskTurn({ ...request, failed, advice: "Use JSON." }, [{ name: "Read" }])).toMatchObject({
      tools: [{ name: "Read" }],
      prompt: `${prompt}\n\nEarlier attempts at this task failed; do better:\n1. No.\n2. Not yet.\n\nA human who looked at them says: Use JSON.`,
    });
  });
});
