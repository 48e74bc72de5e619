import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { listGraphs } from "../../src/runs/graph-list.ts";
import { openGraphs } from "../../src/runs/load-graphs.ts";
import { folderWith } from "../support/agent-files.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";

/** A node that says what a helper and its own address are; enums and types need a compiler. */
const SOURCE = `import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { word } from "./helper.ts";
enum Mark { Sure = "!" }
const state = Annotation.Root({ input: Annotation<string>(), output: Annotation<string>() });
export const builder = new StateGraph(state)
  .addNode("say", ({ input }: { input: string }) => ({
    output: \`\${input} \${word()}\${Mark.Sure} \${import.meta.url.split("/").at(-1)}\`,
  }))
  .addEdge(START, "say");
export const graph = builder.compile();
export const later = Promise.resolve(graph);
export const agent = { graph, invoke: () => undefined };
export const factory = () => builder;
export const slowFactory = async () => graph;
export const nothing = 7;
`;
const HELPER = `export const word = (): string => "from " + import.meta.url.split("/").at(-1);
`;
const PLAIN = `import { Annotation, START, StateGraph } from "@langchain/langgraph";
const state = Annotation.Root({ input: Annotation(), output: Annotation() });
export const graph = new StateGraph(state).addNode("say", () => ({ output: "plain" })).addEdge(START, "say").compile();
`;

async function projectWith(graphs: Record<string, unknown>, files: Record<string, string>) {
  const project = await folderWith({ ...files, "langgraph.json": JSON.stringify({ graphs }) });
  const packages = join(project, "node_modules", "@langchain");
  await mkdir(dirname(packages));
  await symlink(join(PACKAGE_FOLDER, "node_modules", "@langchain"), packages);
  const folders = { package: PACKAGE_FOLDER, project };
  const scope = {
    folders,
    home: join(project, ".decurion"),
    modules: {
      publicUrl: pathToFileURL(join(PACKAGE_FOLDER, "src/index.ts")).href,
      importBuiltIn: async () => import("../../graphs/orchestrate.ts"),
    },
    engine: () => Promise.reject(new Error("The engine was opened.")),
  };
  return { folders, graphs: openGraphs(scope) };
}

/** CommonJS, as `npm init -y` makes projects. */
const COMMON = `const { Annotation, START, StateGraph } = require("@langchain/langgraph");
const { agentNode } = require("decurion");
const { word } = require("./word.js");
const state = Annotation.Root({ input: Annotation(), output: Annotation() });
exports.graph = new StateGraph(state)
  .addNode("say", () => ({ output: word + " " + typeof agentNode }))
  .addEdge(START, "say")
  .compile();
`;
const NAMED = `import { END, START } from "@langchain/langgraph";
import { createRequire } from "node:module";
import { defineGraph } from "decurion";
const require = createRequire(import.meta.url);
export const graph = defineGraph(require("./name.json").name, (builder) =>
  builder.addNode("say", () => ({})).addEdge(START, "say").addEdge("say", END),
);
`;

const FILES = {
  "flows/deep/mine.ts": SOURCE,
  "flows/deep/mine.mts": SOURCE,
  "flows/deep/mine.tsx": SOURCE,
  "flows/deep/helper.ts": HELPER,
  "plain.mjs": PLAIN,
  "plain.js": PLAIN,
  "common.js": COMMON,
  "word.js": 'exports.word = "plain";',
  "named.mts": NAMED,
  "name.json": '{ "name": "mine" }',
  "package.json": '{ "type": "commonjs" }',
};

describe("the graphs of a project", () => {
  it.each([
    "./flows/deep/mine.ts:graph",
    "./flows/deep/mine.mts:graph",
    "./flows/deep/mine.tsx:graph",
    "flows/deep/mine.ts:builder",
    "./flows/deep/mine.ts:later",
    "./flows/deep/mine.ts:agent",
    "./flows/deep/mine.ts:factory",
    "./flows/deep/mine.ts:slowFactory",
    "./plain.mjs:graph",
    "./plain.js:graph",
    "./common.js:graph",
  ])("are taken as %s, and become workflows", async (path) => {
    const { graphs } = await projectWith({ mine: path }, FILES);
    const graph = await graphs.load("mine");
    const { nodes } = await graph.getGraphAsync({ xray: true });
    expect(Object.keys(nodes)).toContain("say");
    // Its checkpoints are in our Postgres: reading one opens the engine.
    await expect(graph.getState({ configurable: { thread_id: "t" } })).rejects.toThrow(
      "The engine was opened.",
    );
  });

  it("keep the address of each file they are made of", async () => {
    const { graphs } = await projectWith({ mine: "./flows/deep/mine.ts:graph" }, FILES);
    const { nodes } = (await graphs.load("mine")) as unknown as {
      nodes: Record<string, { bound: { invoke(state: object): Promise<object> } }>;
    };
    expect(await nodes["say"]?.bound.invoke({ input: "a word" })).toEqual({
      output: "a word from helper.ts! mine.ts",
    });
  });

  it("stand beside the built-in ones, in LangGraph's object form too, and win over one of the same name", async () => {
    const { folders } = await projectWith(
      { orchestrate: "./plain.mjs:graph", mine: { path: "./plain.mjs:graph", description: "Mine." } },
      FILES,
    );
    const found = (await listGraphs(folders)).graphs;
    expect([...found.keys()]).toEqual(["orchestrate", "mine"]);
    expect(found.get("orchestrate")).toMatchObject({
      file: join(folders.project, "plain.mjs"),
      isBuiltIn: false,
    });
    const without = await listGraphs({ ...folders, project: await folderWith() });
    expect(without.graphs.get("orchestrate")).toMatchObject({ isBuiltIn: true });
  });

  it("share their packages with this process, in CommonJS too", async () => {
    const { graphs } = await projectWith({ mine: "./common.js:graph" }, FILES);
    const { builder, nodes } = (await graphs.load("mine")) as unknown as {
      builder: object;
      nodes: Record<string, { bound: { invoke(state: object): Promise<object> } }>;
    };
    expect(builder).toBeInstanceOf(StateGraph);
    expect(await nodes["say"]?.bound.invoke({})).toEqual({ output: "plain function" });
  });

  it("have one name: a graph of defineGraph that is listed under another one is refused", async () => {
    const named = await projectWith({ mine: "./named.mts:graph" }, FILES);
    expect(await named.graphs.load("mine")).toHaveProperty("nodes.say");

    const { graphs } = await projectWith({ other: "./named.mts:graph" }, FILES);
    await expect(graphs.load("other")).rejects.toThrow(
      'The graph of named.mts has two names: "other" in langgraph.json, "mine" in defineGraph.',
    );
  });

  it.each([
    ["./flows/deep/mine.ts:nothing", /exports no graph as "nothing"/],
    ["./flows/deep/mine.ts:absent", /exports no graph as "absent"/],
    ["./gone.ts:graph", /"mine" cannot be loaded from gone\.ts/],
    ["./broken.ts:graph", /cannot be loaded from broken\.ts: Expected .*line 1/],
  ])("that cannot be used are named: %s", async (path, sentence) => {
    const { graphs } = await projectWith({ mine: path }, { ...FILES, "broken.ts": "const = 1;" });
    await expect(graphs.load("mine")).rejects.toThrow(sentence);
  });

  it.each<[entry: unknown, sentence: string]>([
    ["./mine.ts", 'The graph "mine" in langgraph.json cannot be used: it must be "<file>:<export>".'],
    [7, 'The graph "mine" in langgraph.json cannot be used: it must be "<file>:<export>".'],
    [{ path: 7 }, 'The graph "mine" in langgraph.json cannot be used: it must be "<file>:<export>".'],
  ])("have one wrong entry, %j: it is named, and the others are there", async (entry, sentence) => {
    const { folders, graphs } = await projectWith({ mine: entry, plain: "./plain.mjs:graph" }, FILES);
    expect((await listGraphs(folders)).wrong).toEqual(new Map([["mine", sentence]]));
    expect(await graphs.names()).toEqual(["orchestrate", "plain"]);
    await expect(graphs.load("mine")).rejects.toThrow(sentence);
    await expect(graphs.load("nowhere")).rejects.toThrow(
      `There is no graph "nowhere". The graphs are: orchestrate, plain. ${sentence}`,
    );
    for (const name of await graphs.names()) expect(await graphs.load(name)).toHaveProperty("invoke");
  });

  it("do not hide behind a built-in one whose name a wrong entry has", async () => {
    const { graphs } = await projectWith({ orchestrate: "./mine.ts" }, FILES);
    expect(await graphs.names()).toEqual([]);
    await expect(graphs.load("orchestrate")).rejects.toThrow('The graph "orchestrate" in langgraph.json');
  });

  it.each(['{ "graphs": [] }', "[]", "{"])("are refused by their list %s", async (text) => {
    const project = await folderWith({ "langgraph.json": text });
    await expect(listGraphs({ package: PACKAGE_FOLDER, project })).rejects.toThrow(
      /langgraph\.json cannot be used/,
    );
  });
});
