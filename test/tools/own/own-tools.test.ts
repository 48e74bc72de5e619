import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { UsageError } from "../../../src/domain/errors.ts";
import { UNCONFINED } from "../../../src/processes/confinement.ts";
import { ProcessScope } from "../../../src/processes/process-scope.ts";
import { loadOwnTools, openOwnTools } from "../../../src/tools/own/own-tools.ts";
import { Workspace } from "../../../src/tools/workspace.ts";
import { folderWith } from "../../support/agent-files.ts";

const CACHE = mkdtempSync(join(tmpdir(), "decurion-own-tools-"));
const INDEX = fileURLToPath(new URL("../../../src/index.ts", import.meta.url));
const LOADING = { folder: CACHE, memoryMb: 400, confinement: UNCONFINED };
const HEAD = `import { z } from "zod";\nimport { defineTool } from "decurion";\n`;

/** A module with one tool. */
function tool(name: string, run: string, more = "effect: 'reads'"): string {
  return `export const ${name.replaceAll("-", "_")} = defineTool({
    name: "${name}", description: "Does ${name}.", ${more}, input: z.object({ text: z.string().optional() }), run: ${run} });\n`;
}

async function load(files: Record<string, string>, taken: readonly string[] = []) {
  const folder = await folderWith(files);
  return loadOwnTools(join(folder, "tools.ts"), { ...LOADING, project: folder, taken: new Set(taken) });
}

/** Loads a module's tools, opens them as for one attempt, and calls them. */
async function open(module: string, callMs = 20_000) {
  const own = await load({ "tools.ts": HEAD + module });
  const memory = new ProcessScope(`${randomUUID()}/task`, 400);
  onTestFinished(() => memory.close());
  const never = new AbortController().signal;
  const { tools, close } = openOwnTools(own, new Set(own.tools.map(({ name }) => name)), {
    memory,
    signal: never,
    folder: CACHE,
    callMs,
  });
  const workspace = await Workspace.open(CACHE);
  const call = (name: string, input: unknown = {}, signal = never) => {
    const found = tools.find((one) => one.name === name);
    if (!found) throw new Error(`There is no tool ${name}.`);
    return found.run(input, { signal, agent: memory.agent, workspace, memory, tell: () => undefined });
  };
  return { tools, close, call };
}

describe("a module of tools", () => {
  it("is TypeScript with whatever it imports; its tools have a schema that their input is held against", async () => {
    const own = await load({
      "tools.ts": `${HEAD}import { twice } from "./lib/twice.ts";
        interface Given { readonly text: string }
        export default [defineTool({
          name: "double", description: "Doubles.", effect: "writes", ask: "never",
          input: z.object({ text: z.string().describe("What."), times: z.number().int().default(2) }),
          run: ({ text, times }: Given & { times: number }) => ({ text: twice(text), times }),
        })];
        export const notATool = 5;`,
      "lib/twice.ts": "export const twice = (text: string): string => text + text;",
    });
    expect(own.tools).toEqual([
      {
        name: "double",
        description: "Doubles.",
        effect: "writes",
        ask: "never",
        inputSchema: {
          type: "object",
          properties: { text: { type: "string", description: "What." }, times: expect.anything() },
          required: ["text"],
        },
      },
    ]);
  });

  it("may name what defines tools by its path, and is not given the engine behind it", async () => {
    const module = HEAD.replace('"decurion"', JSON.stringify(INDEX)) + tool("a", "() => 'x'");
    const own = await load({ "tools.ts": module });
    expect(own.tools.map(({ name }) => name)).toEqual(["a"]);
  });

  it("runs in a process of its own, which sees no secret of ours", async () => {
    process.env["ANTHROPIC_API_KEY"] = "sk-secret";
    onTestFinished(() => void delete process.env["ANTHROPIC_API_KEY"]);
    const run =
      "() => ({ pid: process.pid, key: process.env.ANTHROPIC_API_KEY ?? null, url: import.meta.url })";
    const { call } = await open(tool("a", run));
    const { content } = await call("a");
    expect(JSON.parse(content)).toEqual({
      pid: expect.any(Number),
      key: null,
      url: expect.stringMatching(/tools\.ts$/),
    });
    expect(JSON.parse(content).pid).not.toBe(process.pid);
  });

  it("answers with text or JSON; what does not fit or is thrown is an error that the model is told", async () => {
    const { call } = await open(
      tool("say", "({ text }) => text ?? undefined") +
        tool("break-down", "async () => { throw new Error('no luck'); }"),
    );
    expect(await call("say", { text: "hello" })).toEqual({ content: "hello", isError: false });
    expect(await call("say")).toEqual({ content: "", isError: false });
    expect(await call("say", { text: 5 })).toMatchObject({
      content: expect.stringContaining("text:"),
      isError: true,
    });
    expect(await call("break-down")).toEqual({ content: "Error: no luck", isError: true });
  });

  it("that crashes is an error, and is there again for the next call", async () => {
    const { call } = await open(tool("die", "() => process.exit(3)") + tool("say", "() => 'here'"));
    expect(await call("die")).toMatchObject({
      content: expect.stringContaining("ended with 3"),
      isError: true,
    });
    expect((await call("say")).content).toBe("here");
  });

  it("that hangs is told to stop at the time limit, and is an error", async () => {
    const wait =
      "(_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('x'))))";
    const { call } = await open(tool("hang", wait), 400);
    expect(await call("hang")).toEqual({ content: "hang did not answer within 0.4 s.", isError: true });
  });

  it("is not waited for once the attempt is over", async () => {
    const { call } = await open(tool("hang", "() => new Promise(() => {})"));
    const over = new AbortController();
    const hanging = call("hang", {}, over.signal);
    over.abort(new Error("it is over"));
    await expect(hanging).rejects.toThrow("it is over");
  });
});

describe("a module that cannot be used", () => {
  const refusal = (module: string, taken: readonly string[] = []) => load({ "tools.ts": module }, taken);

  const named = (name: string) => HEAD + tool("a", "() => 1").replace('name: "a"', `name: "${name}"`);
  it.each([
    ["no TypeScript", "export const = 5;", /tools\.ts cannot be loaded: .*\(line 1 of tools\.ts\)\.$/],
    [
      "an import of nothing",
      'import "./no.ts";',
      /cannot be loaded: Could not resolve "\.\/no\.ts" \(line 1/,
    ],
    ["throwing", "throw new Error('not today.');", /cannot be loaded: not today\.$/],
    ["ending", "process.exit(7);", /cannot be loaded: The tool's process ended with 7/],
    ["no tools", "export const a = 5;", /exports no tool. Make one with defineTool/],
    ["a wrong name", named("a%b"), /Tool "a%b" of .* is invalid: name must be/],
    ["a wrong effect", HEAD + tool("a", "() => 1", "effect: 'some'"), /Tool "a" of .* is invalid: effect/],
    ["a name of Claude Code's for agents", named("Task"), /Tool "Task" of .* needs another name/],
    ["a name as of a server", named("mcp__a"), /Tool "mcp__a" of .* needs another name/],
    ["a name that is taken", named("READ"), /Tool "READ" of .* needs another name/],
    ["one name twice", named("b") + tool("B", "() => 1"), /Tool "b" of .* needs another name/],
  ])("is one sentence with its file: %s", async (_, module, sentence) => {
    const refused = refusal(module, ["read"]);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow(/tools\.ts/);
  });

  it("is a file that is not there", async () => {
    const options = { ...LOADING, project: CACHE, taken: new Set<string>() };
    await expect(loadOwnTools("/no/such/tools.ts", options)).rejects.toThrow(
      /\/no\/such\/tools\.ts cannot be loaded/,
    );
  });
});

it("bundles of modules as they were a day ago are removed", async () => {
  const old = join(CACHE, "old.mjs");
  writeFileSync(old, "");
  utimesSync(old, 0, 0);
  await load({ "tools.ts": HEAD + tool("a", "() => 1") });
  expect(readdirSync(CACHE)).not.toContain("old.mjs");
});
