import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { runProgram } from "../support/run-program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MEGABYTE = 1024 * 1024;
/** LangChain's own declarations have errors under exactOptionalPropertyTypes, and under nothing else. */
const STRICT = [
  ...["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--noPropertyAccessFromIndexSignature"],
  ...["--module", "nodenext", "--target", "es2023", "--types", "node", "--skipLibCheck", "false"],
];

let folder: string;
/** A repository with a package in it, in which Decurion is installed. */
let project: string;
let tarball: { filename: string; size: number; files: { path: string }[] };

const npm = (cwd: string, ...words: string[]) =>
  execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const bin = () => join(project, "node_modules/decurion/dist/src/cli/bin.mjs");
const decurion = (cwd: string, ...words: string[]) => runProgram(cwd, [bin(), ...words], { HOME: folder });
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
};

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "decurion-package-")));
  project = join(folder, "project");
  await mkdir(join(project, ".git"), { recursive: true });
  [tarball] = JSON.parse(npm(ROOT, "pack", "--json", "--pack-destination", folder));
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const at = (...names: string[]) => names.map((name) => `${name}@${devDependencies[name]}`);
  await write("package.json", '{ "name": "project", "private": true, "type": "commonjs" }\n');
  npm(
    project,
    ...["install", "--prefer-offline", "--no-audit", "--no-fund", join(folder, tarball.filename)],
    ...at("@langchain/core", "@langchain/langgraph", "zod", "typescript", "@types/node"),
    ...at("@langchain/langgraph-cli"),
  );
});

afterAll(async () => {
  for (const home of [project, ...["strange", "program", "printed"].map((name) => join(folder, name))]) {
    await decurion(home, "db", "stop").catch(() => undefined); // None was started there.
  }
  await rm(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds what runs and what describes it, and is small", () => {
    const tops = new Set(tarball.files.map(({ path }) => path.split("/")[0]));
    expect([...tops].sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"]);
    const sources = tarball.files.filter(({ path }) => /(?<!\.d)\.tsx?$/.test(path));
    expect(sources.map(({ path }) => path)).toEqual([]);
    const paths = tarball.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "dist/.claude/agents/sydney-coder.md",
        "dist/.env.example",
        "dist/graphs/orchestrate.js",
        "dist/src/domain/prices.json",
        "dist/src/index.d.ts",
        "dist/src/postgres/migrations/001-threads.sql",
        "dist/src/server/page/index.html",
        "dist/templates/review.mts",
      ]),
    );
    expect(tarball.size).toBeLessThan(3 * MEGABYTE);
  });

  it("brings one copy of LangGraph, and neither its server nor a drawing by itself", async () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      await readFile(join(project, "node_modules/decurion/package.json"), "utf8"),
    );
    expect(Object.keys(dependencies)).not.toContain("@langchain/langgraph");
    for (const name of ["@langchain/langgraph-cli", "beautiful-mermaid"]) {
      expect(peerDependencies[name]).toBeDefined();
      expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    }
    expect(npm(project, "ls", "@langchain/langgraph", "--parseable").trim().split("\n")).toHaveLength(1);
  });
});

describe("as a library", () => {
  it("type-checks in a strict project, its declarations included", async () => {
    await write("graphs/review.mts", await readFile(join(ROOT, "templates/review.mts"), "utf8"));
    await write(
      "types.mts",
      `import { createDecurion, defineTool, type Report, UsageError } from "decurion";
import { z } from "zod";
import { graph } from "./graphs/review.mjs";

export const tool = defineTool({
  name: "look_up",
  description: "Looks a word up.",
  input: z.object({ word: z.string() }),
  effect: "reads",
  run: async ({ word }) => word.length,
});
const decurion = createDecurion({ env: {}, project: "." });
export const report: Report = await decurion.runTask({ agent: "sydney-coder", prompt: "A haiku", description: "x" });
export const own: typeof graph = decurion.workflow("review", graph);
export const isWrongUse = (error: unknown): boolean => error instanceof UsageError;
// @ts-expect-error What talks to Postgres is no part of it.
export type Database = import("decurion").Database;
`,
    );
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const { code, stdout } = await runProgram(project, [compiler, ...STRICT, "types.mts"]);
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  it("runs a task from plain JavaScript, and lets the process end", async () => {
    await mkdir(join(folder, "program"));
    await write(
      "program.mjs",
      `import { createDecurion } from "decurion";
const decurion = createDecurion({ project: process.cwd() });
const { status, simulated, output } = await decurion.runTask({ agent: "sydney-coder", prompt: "A haiku about queues" });
await decurion.close();
console.log(JSON.stringify({ status, simulated }));
`,
    );
    const { code, stdout, stderr } = await runProgram(join(folder, "program"), [
      join(project, "program.mjs"),
    ]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ status: "completed", simulated: true });
    expect(code).toBe(0);
  });
});

describe("docs/write-a-graph.md", () => {
  /** The page's files as they are printed: each block of TypeScript opens with its path. */
  const printed = async () => {
    const page = await readFile(join(ROOT, "docs/write-a-graph.md"), "utf8");
    return [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, path = "", code = ""]) => ({
      path: `docs/${path}`,
      code,
    }));
  };

  it("shows code that type-checks in a strict project, and a program that runs and ends", async () => {
    const files = await printed();
    expect(files.map(({ path }) => path)).toEqual([
      "docs/graphs/review.mts",
      "docs/graphs/topics.mts",
      "docs/graphs/choose.mts",
      "docs/program.mts",
    ]);
    for (const { path, code } of files) await write(path, code);
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const options = [...STRICT.filter((word) => word !== "--noEmit"), "--rewriteRelativeImportExtensions"];
    const checked = await runProgram(project, [compiler, ...options, ...files.map(({ path }) => path)]);
    expect(checked).toMatchObject({ code: 0, stdout: "" });

    await mkdir(join(folder, "printed"));
    const program = join(project, "docs/program.mjs");
    const { code, stdout, stderr } = await runProgram(join(folder, "printed"), [program]);

    expect(stderr).toBe("");
    expect(stdout).toMatch(/^completed Simulated work on: /);
    expect(code).toBe(0);
  });
});

describe("as a program", () => {
  it("runs orchestrate in a strange folder with only Node", async () => {
    const strange = join(folder, "strange");
    await mkdir(strange);
    const looked = await decurion(strange, "list");
    expect(looked.stdout).toContain(
      'Nothing has run here yet. Start a run: npx decurion run orchestrate "…"',
    );

    const request = "Compare three ways to shard a Postgres queue";
    const { code, stdout, stderr } = await decurion(
      strange,
      "run",
      "orchestrate",
      request,
      "--auto-approve",
      "--json",
    );
    expect(stderr).toContain("SIMULATED");
    expect(JSON.parse(stdout)).toMatchObject({ graph: "orchestrate", status: "completed", simulated: true });
    expect(code).toBe(0);
    expect(await readFile(join(strange, ".decurion/.gitignore"), "utf8")).toBe("*\n");
  });

  it("says how to install what only some commands need", async () => {
    const { code, stderr } = await decurion(project, "draw", "orchestrate", "--format", "svg");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^decurion: --format svg needs .*: npm install --save-dev beautiful-mermaid@\d\S+\n$/,
    );
  });

  it("hands over to the project's own install, with the same arguments and its exit code", async () => {
    const fake = join(folder, "fake/node_modules/decurion");
    await mkdir(join(folder, "fake/deep"), { recursive: true });
    await mkdir(fake, { recursive: true });
    await writeFile(join(fake, "package.json"), '{ "name": "decurion", "bin": { "decurion": "own.mjs" } }');
    await writeFile(join(fake, "own.mjs"), "console.log(...process.argv.slice(2)); process.exitCode = 7;\n");
    const { code, stdout } = await decurion(join(folder, "fake/deep"), "run", "a b", "--json");
    expect({ code, stdout }).toEqual({ code: 7, stdout: "run a b --json\n" });
    // The same install by another path is no other one.
    await symlink(project, join(folder, "link"));
    const linked = join(folder, "link/node_modules/decurion/dist/src/cli/bin.mjs");
    expect(await runProgram(project, [linked, "--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
  });
});

describe("in one's own repository", () => {
  const flow = `import { Annotation, START, StateGraph } from "@langchain/langgraph";
enum Mark { Sure = "!" }
const state = Annotation.Root({ input: Annotation<string>(), output: Annotation<string>() });
export const make = async () =>
  new StateGraph(state).addNode("say", ({ input }) => ({ output: input + Mark.Sure })).addEdge(START, "say");
`;

  beforeAll(async () => {
    await rm(join(project, "graphs"), { recursive: true, force: true });
  });

  it("init writes an example that runs, and the second time nothing", async () => {
    const first = await decurion(project, "init", "--yes");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const ran = await decurion(project, "run", "review", "A note to customers", "--json");
    expect(JSON.parse(ran.stdout)).toMatchObject({ graph: "review", status: "completed" });
    expect(JSON.parse(ran.stdout).output).not.toBe("");

    const { mtimeMs } = await stat(join(project, "package.json"));
    const second = await decurion(project, "init", "--yes");
    expect(second.stdout.match(/: keep$/gm)).toHaveLength(5);
    expect((await stat(join(project, "package.json"))).mtimeMs).toBe(mtimeMs);
    expect(npm(project, "run", "-s", "graph", "--", "list")).toContain("review");
  });

  it("runs a TypeScript graph of a subfolder, made by a factory, from anywhere in the repository", async () => {
    await write("packages/a/package.json", '{ "name": "a" }');
    await write("packages/a/flows/echo.ts", flow);
    const manifest = JSON.parse(await readFile(join(project, "langgraph.json"), "utf8"));
    const graphs = {
      ...manifest.graphs,
      echo: { path: "./packages/a/flows/echo.ts:make", description: "Echoes." },
    };
    await write("langgraph.json", JSON.stringify({ ...manifest, graphs }));

    const { code, stdout } = await decurion(join(project, "packages/a"), "run", "echo", "hello", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ graph: "echo", status: "completed", output: "hello!" });
    expect(code).toBe(0);
    const { stdout: list } = await decurion(join(project, "packages/a/flows"), "list");
    expect(list).toMatch(/echo[\s\S]*review/);
  });

  it("studio serves the project's graphs beside the built-in ones, and changes none of its files", async () => {
    const port = await freePort();
    const before = await Promise.all(
      ["langgraph.json", ".gitignore"].map((file) => readFile(join(project, file))),
    );
    const server = spawn(process.execPath, [bin(), "studio", "--port", String(port)], {
      cwd: join(project, "packages"),
      env: { PATH: process.env["PATH"], HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      await saying(server, "Server running at");
      const apiKey = (await readFile(join(project, ".decurion/server-token"), "utf8")).trim();
      const client = new Client({ apiUrl: `http://127.0.0.1:${port}`, apiKey });
      const assistants = await client.assistants.search();
      expect(assistants.map(({ graph_id: id }) => id).sort()).toEqual(["echo", "orchestrate", "review"]);
      const { thread_id: thread } = await client.threads.create();
      const state = await client.runs.wait(thread, "echo", { input: { input: "hello" } });
      expect(state).toMatchObject({ output: "hello!" });
      expect((await decurion(project, "show", thread, "--json")).stdout).toContain('"status": "completed"');
    } finally {
      server.kill("SIGTERM");
      await new Promise((resolve) => server.once("close", resolve));
    }
    const after = await Promise.all(
      ["langgraph.json", ".gitignore"].map((file) => readFile(join(project, file))),
    );
    expect(after).toEqual(before);
  });
});

function saying(child: ChildProcess, words: string): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      if (said.includes(words)) resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("close", () => reject(new Error(`It ended: ${said}`)));
  });
}
