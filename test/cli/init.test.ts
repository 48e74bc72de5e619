import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../support/agent-files.ts";
import { useBareSession } from "../support/cli-session.ts";

const run = useBareSession();
const init = (folder: string, ...words: string[]) => run(folder, "init", ...words);

/** Every file with its content. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")]);
  return Object.fromEntries(await Promise.all(read));
}

describe("init", () => {
  it("writes what an empty folder lacks, says how to install it, and changes nothing the second time", async () => {
    const folder = await folderWith();
    const first = await init(folder, "--yes");
    expect(first.code).toBe(0);
    expect(first.stdout.trimEnd()).toMatch(
      /^Install the packages: npm install decurion @langchain\/core @langchain\/langgraph zod$/m,
    );
    const files = await filesIn(folder);
    expect(Object.keys(files).sort()).toEqual(
      [".env.example", ".gitignore", "graphs/review.mts", "langgraph.json", "package.json"].sort(),
    );
    expect(JSON.parse(files["langgraph.json"] ?? "").graphs).toEqual({ review: "./graphs/review.mts:graph" });
    expect(JSON.parse(files["package.json"] ?? "").scripts).toEqual({
      graph: "decurion",
      studio: "decurion studio",
    });
    expect((files["graphs/review.mts"] ?? "").split("\n").length).toBeLessThan(31);
    const { mtimeMs } = await stat(join(folder, "package.json"));

    const second = await init(folder, "--yes");
    expect(second.code).toBe(0);
    expect(second.stdout.match(/: keep$/gm)).toHaveLength(5);
    expect(await filesIn(folder)).toEqual(files);
    expect((await stat(join(folder, "package.json"))).mtimeMs).toBe(mtimeMs);
  });

  it("overwrites nothing: it adds scripts and ignored lines to what is there", async () => {
    const packageJson =
      '{\n\t"name": "mine",\n\t"files": ["a", "b"],\n\t"scripts": {\n\t\t"test": "x",\n\t\t"studio": "own"\n\t}\n}\n';
    const given = {
      "package.json": packageJson,
      ".gitignore": "node_modules\n/.decurion",
      ".env": "ANTHROPIC_API_KEY=secret\n",
      ".env.example": "MINE=1\n",
      "langgraph.json": '{ "graphs": { "mine": "./mine.ts:graph" } }',
      "pnpm-lock.yaml": "",
    };
    const folder = await folderWith(given);
    const { stdout } = await init(folder, "--yes");
    expect(stdout).toContain("langgraph.json: keep");
    expect(stdout).toContain("package.json: add the script graph\n");
    expect(stdout).toContain("pnpm add decurion");
    expect(stdout).toContain('Run a graph: pnpm run graph run mine "…"');
    expect(await filesIn(folder)).toEqual({
      ...given,
      "package.json": packageJson.replace(
        '"scripts": {\n\t\t',
        '"scripts": {\n\t\t"graph": "decurion",\n\t\t',
      ),
      ".gitignore": "node_modules\n/.decurion\n.env\n.langgraph_api/\n",
    });
  });

  it.each([
    ['{"name":"a"}', { name: "a", scripts: { graph: "decurion", studio: "decurion studio" } }],
    [
      '{"config":{"scripts":{}},"scripts":{}}',
      { config: { scripts: {} }, scripts: { graph: "decurion", studio: "decurion studio" } },
    ],
  ])("adds scripts to %s", async (text, manifest) => {
    const folder = await folderWith({ "package.json": text });
    await init(folder, "--yes");
    expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8"))).toEqual(manifest);
  });

  it("shows its list and writes nothing where nobody can be asked", async () => {
    const folder = await folderWith();
    const { code, stdout, stderr } = await init(folder);
    expect(code).toBe(2);
    expect(stdout).toContain("graphs/review.mts: write");
    expect(stderr).toContain("npm run graph -- init --yes");
    expect(await filesIn(folder)).toEqual({});
  });

  it("writes nothing beside a langgraph.json that cannot be used", async () => {
    const folder = await folderWith({ "langgraph.json": '{ "graphs": ' });
    const { code, stderr } = await init(folder, "--yes");
    expect(code).toBe(2);
    expect(stderr).toContain("langgraph.json cannot be used");
    expect(await filesIn(folder)).toEqual({ "langgraph.json": '{ "graphs": ' });
  });

  it("names the program where the project has a script graph of its own, and the root for a folder in it", async () => {
    const folder = await folderWith({
      "package.json": '{ "scripts": { "graph": "echo mine" } }',
      "packages/a/package.json": "{}",
      ".git/HEAD": "",
    });
    const { stdout } = await init(join(folder, "packages/a"), "--yes");
    expect(stdout).toContain("Run the example: npx decurion run review");
    expect(stdout).toContain(`Install the packages in ${folder}: npm install decurion`);
  });

  it("says in a sentence what is wrong with a package.json", async () => {
    const folder = await folderWith({ "package.json": '"text"' });
    const { stderr } = await init(folder, "--yes");
    expect(stderr).toBe(
      "decurion: The file package.json is invalid: it must be an object with strings as scripts.\n",
    );
  });

  it("leaves no half change behind when one file cannot be used", async () => {
    const given = { "package.json": "{ no JSON", graphs: "a file where a folder should be" };
    const folder = await folderWith(given);
    const { code, stderr } = await init(folder, "--yes");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^decurion: .*\n$/);
    expect(await filesIn(folder)).toEqual(given);
  });

  it("leaves no half change behind when one file cannot be written", async () => {
    const folder = await folderWith({ ".gitignore/kept": "a folder where a file should be" });
    const { code, stderr } = await init(folder, "--yes");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^decurion: .*\n$/);
    expect(await filesIn(folder)).toEqual({ ".gitignore/kept": "a folder where a file should be" });
  });
});
