import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { AttemptContext } from "../../src/attempts/agent-request.ts";
import { validateResult } from "../../src/attempts/validate.ts";
import type { Validator } from "../../src/domain/validator.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import type { ScriptedAnswer } from "../../src/simulator/scenario.ts";
import { agentTask, modelOf } from "../support/agent-task.ts";
import { useTestDatabase } from "../support/database.ts";
import { testFolder } from "../support/workspace.ts";

const testDatabase = useTestDatabase();

/** What a validator says of an output, and the calls that it took. */
async function check(validate: Validator | null, output: string, more: Checking = {}) {
  const { request, context, calls } = await agentTask(testDatabase(), { answers: [...(more.answers ?? [])] });
  const memory = new ProcessScope("thread/task", 800);
  onTestFinished(() => memory.close());
  const validator = { agent: { ...request.agent, name: "judge" }, model: modelOf("haiku") };
  const attempt: AttemptContext = {
    ...context,
    memory,
    onOpen: () => undefined,
    allowCommands: true,
    commitLast: () => Promise.reject(new Error("It is no last call.")),
    ...more.context,
  };
  const result = { summary: "s", output, confidence: 1, emotionalState: {} };
  const asked = { ...request, validate, validator: validate?.agent ? validator : undefined };
  return { says: await validateResult(asked, attempt, result, 1, 2), calls: await calls() };
}

interface Checking {
  readonly answers?: readonly ScriptedAnswer[];
  readonly context?: Partial<AttemptContext>;
}

const refused = (why: string) => `The result was not accepted. ${why}`;

it("a result without a validator passes", async () => {
  expect(await check(null, "anything")).toEqual({ says: undefined, calls: [] });
});

it.each([
  ['{"count": 3}', undefined],
  ['It is this:\n```json\n{"count": 3}\n```', undefined],
  ['{"count": 1}', /^The result was not accepted\. count: Too small/],
  ["three", /^The result was not accepted\. the output: .*expected object/],
])("a schema decides about the JSON in %j", async (output, says) => {
  const schema = { type: "object", properties: { count: { type: "number", minimum: 2 } } };
  const checked = await check({ schema }, output);
  if (says) expect(checked.says).toMatch(says);
  else expect(checked.says).toBeUndefined();
});

it.each([
  ["grep -q good", undefined],
  ["echo bad >&2; exit 3", 'The command "echo bad >&2; exit 3" ended with 3: bad'],
  ["false", 'The command "false" ended with 1'],
])("a command decides by its exit code: %s", async (command, why) => {
  const { says } = await check({ command }, "a good one");
  expect(says).toBe(why && refused(why));
});

it("a command is not run where none may be", async () => {
  const { says } = await check({ command: "true" }, "x", { context: { allowCommands: false } });
  expect(says).toMatch(/Task "t" .*command.* not allowed here .*ALLOW_COMMANDS=true/);
});

it("a run that is stopped says nothing about its result, before its command and while it runs", async () => {
  const stopped = { context: { signal: AbortSignal.abort() } };
  await expect(check({ command: "true" }, "x", stopped)).rejects.toMatchObject({ kind: "aborted" });
  const file = join(await testFolder(), "begun");
  const controller = new AbortController();
  const command = `touch ${file}; sleep 300`;
  const running = check({ command }, "x", { context: { signal: controller.signal } });
  const end = expect(running).rejects.toMatchObject({ kind: "aborted" });
  await expect.poll(() => existsSync(file)).toBe(true);
  controller.abort();
  await end;
});

it.each([
  ["passes", { passes: true, reason: "fine" }, undefined],
  ["does not", { passes: false, reason: "too short" }, "judge: too short"],
  ["is not said", { passes: "perhaps" }, "judge returned no verdict."],
])("an agent decides by its verdict, which is paid for: the result %s", async (_, json, why) => {
  const { says, calls } = await check({ agent: "judge" }, "x", { answers: [{ json }] });
  expect(says).toBe(why && refused(why));
  expect(calls).toEqual(["committed"]);
});

it("the cheapest check comes first: no agent is paid for a result that a schema or a command refuses", async () => {
  const schema = { type: "object" };
  expect(await check({ schema, command: "true", agent: "judge" }, "text")).toMatchObject({ calls: [] });
  expect(await check({ schema, command: "false", agent: "judge" }, "{}")).toMatchObject({
    says: refused('The command "false" ended with 1'),
    calls: [],
  });
  const answers = [{ json: { passes: false, reason: "no" } }];
  expect(await check({ schema, command: "true", agent: "judge" }, "{}", { answers })).toEqual({
    says: refused("judge: no"),
    calls: ["committed"],
  });
});

it("what is said of a result stays short", async () => {
  const answers = [{ json: { passes: false, reason: "long ".repeat(999) } }];
  const { says } = await check({ agent: "judge" }, "x", { answers });
  expect(says?.length).toBeLessThan(550);
});
