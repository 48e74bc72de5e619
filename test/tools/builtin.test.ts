import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bashTool } from "../../src/tools/builtin/bash.ts";
import { BUILT_IN } from "../../src/tools/builtin/built-in.ts";
import { editTool } from "../../src/tools/builtin/edit.ts";
import { globTool } from "../../src/tools/builtin/glob.ts";
import { grepTool } from "../../src/tools/builtin/grep.ts";
import { listTool } from "../../src/tools/builtin/list.ts";
import { readTool } from "../../src/tools/builtin/read.ts";
import { globMatcher } from "../../src/tools/glob-pattern.ts";
import { OutputText } from "../../src/tools/output-text.ts";
import { isAlive } from "../support/processes.ts";
import { testWorkspace } from "../support/workspace.ts";

async function workspaceWith(files: Readonly<Record<string, string | Buffer>>) {
  const made = await testWorkspace();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made.root, path)), { recursive: true });
    writeFileSync(join(made.root, path), content);
  }
  return made;
}

const ok = (content: string) => ({ content, isError: false });
const wrong = (content: unknown) => ({ content, isError: true });

describe("the built-in tools", () => {
  it("have names and schemas that the API takes", () => {
    for (const { name, inputSchema } of BUILT_IN) {
      expect(name).toMatch(/^[A-Za-z]{1,64}$/);
      expect(inputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
      expect(JSON.stringify(inputSchema)).not.toMatch(/\$schema|9007199254740991/);
    }
  });

  it("say what is wrong with any input whatever, and never throw", async () => {
    const { use } = await workspaceWith({ "a.txt": "a" });
    const tools = BUILT_IN.filter((tool) => tool !== bashTool);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...tools), fc.jsonValue(), async (tool, input) => {
        const output = await use(tool, input);
        expect(typeof output.content).toBe("string");
      }),
      { numRuns: 100 },
    );
    expect(await use(readTool, { file_path: 7 })).toEqual(
      wrong(expect.stringMatching(/^The input is invalid: file_path: /)),
    );
  });
});

describe("Read", () => {
  it("numbers lines, and reads on where it is told to", async () => {
    const { use } = await workspaceWith({ "a.txt": "one\r\ntwo\nthree\n" });
    expect(await use(readTool, { file_path: "a.txt" })).toEqual(ok("1\tone\n2\ttwo\n3\tthree"));
    expect(await use(readTool, { file_path: "a.txt", offset: 2, limit: 1 })).toEqual(
      ok("2\ttwo\n\n[More lines follow: offset 3]"),
    );
    expect(await use(readTool, { file_path: "a.txt", offset: 9 })).toEqual(
      wrong('"a.txt" has only 3 lines.'),
    );
  });

  it.each([
    ["nothing", "", '"f" is empty.', false],
    ["a line end", "\n", "1\t", false],
    ["no line end", "x", "1\tx", false],
    ["binary data", Buffer.from([1, 0, 2]), '"f" is not a text file.', true],
  ])("reads a file with %s", async (_, content, expected, isError) => {
    const { use } = await workspaceWith({ f: content });
    expect(await use(readTool, { file_path: "f" })).toEqual({ content: expected, isError });
  });

  it("shows no more than the beginning of a line of any length", async () => {
    const { use } = await workspaceWith({ f: `${"x".repeat(3_000_000)}\nend` });
    const { content } = await use(readTool, { file_path: "f" });
    expect(content).toHaveLength("1\t".length + 2000 + "\n2\tend".length);
  });
});

describe("Edit", () => {
  it("replaces a text that is there once, or all of them, and nothing that is a pattern", async () => {
    const { use } = await workspaceWith({ f: "a.b $& a.b\nc" });
    expect(await use(editTool, { file_path: "f", old_string: "c", new_string: "$&$1" })).toMatchObject(
      ok(expect.any(String)),
    );
    expect(await use(editTool, { file_path: "f", old_string: "a.b", new_string: "x" })).toEqual(
      wrong('The text occurs 2 times in "f": give more of it, or replace all.'),
    );
    await use(editTool, { file_path: "f", old_string: "a.b", new_string: "x", replace_all: true });
    expect(await use(readTool, { file_path: "f" })).toEqual(ok("1\tx $& x\n2\t$&$1"));
    expect(await use(editTool, { file_path: "f", old_string: "zz", new_string: "x" })).toEqual(
      wrong('The text is not in "f": read it and copy it exactly.'),
    );
  });

  it("makes no file that it could not edit again, however many places there are", async () => {
    const content = "a".repeat(1_000_000);
    const { use, root } = await workspaceWith({ f: content });
    const input = { file_path: "f", old_string: "a", new_string: "b".repeat(1000), replace_all: true };
    expect(await use(editTool, input)).toEqual(
      wrong('"f" would be too large: 1000000000 characters of 5000000.'),
    );
    expect(readFileSync(join(root, "f"), "utf8")).toBe(content);
  });

  it("leaves a file alone that is not text in UTF-8", async () => {
    const { use } = await workspaceWith({ f: Buffer.from([0x61, 0xff, 0x62]) });
    expect(await use(editTool, { file_path: "f", old_string: "a", new_string: "x" })).toEqual(
      wrong('"f" is not a text file in UTF-8.'),
    );
  });
});

const TREE = {
  "src/a.ts": "const one = 1;\nconst two = 2;\n",
  "src/deep/b.ts": "let two = 2;\n",
  "src/c.md": "# Two\n",
  "node_modules/x/d.ts": "const two = 2;\n",
  "odd [1].txt": "two\n",
};

describe("LS, Glob and Grep", () => {
  it("find files under a folder whose name holds brackets", async () => {
    const { use, root } = await workspaceWith({
      "app/[id]/a.ts": "two",
      "app/[id]/b.md": "two",
      "app/i/c.ts": "",
    });
    expect(await use(globTool, { pattern: "*.ts", path: "app/[id]" })).toEqual(ok("app/[id]/a.ts"));
    expect(await use(globTool, { pattern: `${root}/app/[id]/*.md` })).toEqual(ok("app/[id]/b.md"));
    expect(await use(globTool, { pattern: "!**/*.ts", path: "app" })).toEqual(ok("app/[id]/b.md"));
    expect(await use(grepTool, { pattern: "two", glob: "!*.md" })).toEqual(ok("app/[id]/a.ts"));
  });

  it("list and find files by patterns; node_modules only when it is named", async () => {
    const { use } = await workspaceWith(TREE);
    expect(await use(listTool, {})).toEqual(ok("node_modules/\nodd [1].txt\nsrc/"));
    expect(await use(globTool, { pattern: "**/*.ts" })).toEqual(ok("src/a.ts\nsrc/deep/b.ts"));
    expect(await use(globTool, { pattern: "*.ts", path: "src" })).toEqual(ok("src/a.ts"));
    expect(await use(globTool, { pattern: "**/*.ts", path: "node_modules" })).toEqual(
      ok("node_modules/x/d.ts"),
    );
  });

  it.each([
    [{}, "odd [1].txt\nsrc/a.ts\nsrc/deep/b.ts"],
    [{ "-i": true, glob: "*.md" }, "src/c.md"],
    [{ path: "src/a.ts", output_mode: "content" }, "src/a.ts:2:const two = 2;"],
    [
      { path: "src/a.ts", output_mode: "content", "-B": 1, "-n": false },
      "src/a.ts-const one = 1;\nsrc/a.ts:const two = 2;",
    ],
    [{ output_mode: "count", type: "ts" }, "src/a.ts:1\nsrc/deep/b.ts:1"],
    [{ head_limit: 1 }, "odd [1].txt\n[There is more: only the first 1 are shown.]"],
    [{ pattern: "(?i)# TWO" }, "src/c.md"],
    [{ pattern: "one.*\\n.*two", multiline: true, output_mode: "count" }, "src/a.ts:2"],
    [{ pattern: "nowhere at all" }, "Nothing matches."],
  ])("search with %j", async (input, expected) => {
    const { use } = await workspaceWith(TREE);
    expect(await use(grepTool, { pattern: "two", ...input })).toEqual(ok(expected));
  });

  it("end a search that would go on forever, while the engine goes on", async () => {
    const { use } = await workspaceWith({ "a.txt": `${"a".repeat(40)}!` });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const stop = new AbortController();
    const searching = use(grepTool, { pattern: "^(a+)+$" }, stop.signal);
    searching.catch(() => undefined);
    await expect.poll(() => ticks).toBeGreaterThan(10);
    stop.abort();
    await expect(searching).rejects.toThrow("stopped");
    clearInterval(timer);
    expect(await use(grepTool, { pattern: "(" })).toEqual(
      wrong(expect.stringMatching(/^The pattern is not a regular expression/)),
    );
  });
});

describe("a glob pattern", () => {
  it.each([
    ["*.ts", "a.ts", true],
    ["*.ts", "src/a.ts", false],
    ["**/*.ts", "a.ts", true],
    ["**/*.ts", "x/y/a.ts", true],
    ["src/**", "src/x/y", true],
    ["src/**/b", "src/b", true],
    ["**/test/**/*.js", "a/test/b/c/d.js", true],
    ["{a,b}/*.{ts,js}", "b/x.js", true],
    ["{a,b}/*.{ts,js}", "c/x.js", false],
    ["[a-c]?[!x].txt", "b1y.txt", true],
    ["[a-c]?[!x].txt", "b1x.txt", false],
    ["a[]b]c", "a]c", true],
    ["a.b", "axb", false],
    ["*a*b", "xaxxb", true],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(globMatcher(pattern)(path)).toBe(expected);
  });

  it("is answered at once however bad it is", () => {
    expect(globMatcher("*a".repeat(100))("a".repeat(250))).toBe(true);
    expect(globMatcher(`${"*a".repeat(100)}b`)("a".repeat(250))).toBe(false);
    expect(globMatcher(`${"**/a/".repeat(50)}b`)("a/".repeat(200))).toBe(false);
    expect(() => globMatcher("{a,b}".repeat(20))).toThrow("alternatives");
  });
});

describe("Bash", () => {
  it("runs in the workspace, and tells what was said and how it ended", async () => {
    const { use, root } = await workspaceWith({});
    expect(await use(bashTool, { command: "pwd; echo $DECURION_AGENT" })).toEqual(ok(`${root}\nthread/task`));
    expect(await use(bashTool, { command: "echo out; echo err >&2; exit 3" })).toEqual(
      wrong(expect.stringMatching(/Exit code 3$/)),
    );
  });

  it("is ended at its time limit with all that it started", async () => {
    const { use } = await workspaceWith({});
    const { content, isError } = await use(bashTool, {
      command: "sleep 1000 & echo $!; wait",
      timeout: 500,
    });
    expect(isError).toBe(true);
    const [pid = "", why] = content.split("\n");
    expect(why).toBe("It took longer than 500 ms and was killed.");
    await expect.poll(() => isAlive(Number(pid))).toBe(false);
  });

  it("makes nothing that runs later in a person's folder: it is put aside", async () => {
    const { use, root } = await workspaceWith({ "langgraph.json": "{}" });
    const command =
      "echo 'attack()' > decurion.tools.ts; mkdir .husky; echo x > fine; echo x > langgraph.json";
    const { content, isError } = await use(bashTool, { command });
    expect({ content, isError }).toMatchObject({
      content: expect.stringMatching(/\.husky \(now \.husky\.not-approved-\w+\), decurion\.tools\.ts \(now/),
      isError: true,
    });
    expect((await readdir(root)).map((name) => name.replace(/-\w{8}$/, "-*")).sort()).toEqual(
      [".husky.not-approved-*", "decurion.tools.ts.not-approved-*", "fine", "langgraph.json"].sort(),
    );
  });

  it("changes no scripts of a package, but all else of it", async () => {
    const { use, root } = await workspaceWith({ "package.json": '{"name":"a","scripts":{"test":"t"}}' });
    const command = `echo '{"name":"b","scripts":{"test":"evil","postinstall":"evil"}}' > package.json`;
    const { content, isError } = await use(bashTool, { command });
    expect({ content, isError }).toMatchObject({
      content: expect.stringContaining("may not change the scripts"),
      isError: true,
    });
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toEqual({
      name: "b",
      scripts: { test: "t" },
    });
  });

  it("puts a link aside, and what another command at the same time made and took away again", async () => {
    const { use, root } = await workspaceWith({});
    const { content } = await use(bashTool, { command: "ln -s gone decurion.tools.ts" });
    expect(content).toContain("decurion.tools.ts (now");
    const first = use(bashTool, { command: "mkfifo go; read -r line < go; rmdir .vscode", timeout: 20_000 });
    await expect.poll(() => readdir(root)).toContain("go");
    const second = use(bashTool, {
      command: "mkdir .vscode; echo x > go; while [ -e .vscode ]; do :; done; mkdir .vscode",
    });
    await Promise.all([first, second]);
    expect(await readdir(root)).not.toContain(".vscode");
  });

  it("says no more than is kept", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 2, max: 20 }), (texts, limit) => {
        const output = new OutputText(limit);
        for (const text of texts) output.add(text);
        const all = texts.join("");
        if (all.length <= 2 * Math.floor(limit / 2)) expect(output.text).toBe(all);
        else expect(output.text.startsWith(all.slice(0, Math.floor(limit / 2)))).toBe(true);
        expect(output.text.endsWith(all.slice(-Math.min(all.length, Math.floor(limit / 2))))).toBe(true);
      }),
    );
  });
});
