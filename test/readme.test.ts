import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../src/cli/arguments.ts";
import { COMMANDS, loadCommand } from "../src/cli/commands.ts";
import { PACKAGE_FOLDER } from "./support/package-folder.ts";

const read = (file: string) => readFileSync(join(PACKAGE_FOLDER, file), "utf8");
const readme = read("README.md");
const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;

/** The lines of the README's shell blocks, without comments. */
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
  .filter((line) => line !== "");

/** The words of a shell command, quotes taken off. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

describe("the README", () => {
  it("begins with the two commands that CI runs on a clean checkout", () => {
    expect(lines.slice(0, 2)).toEqual([
      'npm ci && npm run graph -- run orchestrate "Compare three ways to shard a Postgres queue, with risks"',
      "npm ci && npm test",
    ]);
    const ci = read(".ci/run");
    expect(ci).toContain("npm ci\n");
    expect(ci).toContain('run orchestrate "Compare three ways to shard a Postgres queue, with risks"');
    expect(ci).toContain("npm run ci");
    expect(scripts["ci"]).toContain("npm test");
  });

  it("shows three lines for one's own repository, and the example that init writes", () => {
    expect(lines.slice(2, 5)).toEqual([
      "npm install decurion @langchain/langgraph @langchain/core zod",
      "npx decurion init",
      `npm run graph -- run review "A note to customers about tonight's maintenance"`,
    ]);
    expect(readme).toContain(read("templates/review.mts"));
  });

  it("names only scripts that there are", () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  });

  it.each(lines.filter((line) => / graph -- |npx decurion/.test(line)))(
    "shows a command that is understood: %s",
    async (line) => {
      const [name = "", ...args] = wordsOf(line.replace(/^.*(?: graph --|npx decurion) /, ""));
      const command = COMMANDS.find((known) => known.name === name);
      expect(command?.name).toBe(name);
      if (command) parseArguments(await loadCommand(command), args);
    },
  );

  it("points at files that there are", () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    for (const target of links.filter((link) => !link.startsWith("http"))) expect(read(target)).not.toBe("");
  });
});
