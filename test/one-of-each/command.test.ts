import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { folderWith } from "../support/agent-files.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";
import { runProgram } from "../support/run-program.ts";

const FILE = `import type { CommandFile } from "../cli.ts";
export const command: CommandFile = {
  options: { loud: { help: "in capitals" } },
  positionals: [1, 1],
  run: async (cli, { positionals: [name = ""], options }) => {
    cli.print(options["loud"] ? name.toUpperCase() : name);
    return 0;
  },
};
`;
const LINE = '  entry("greet <name>", "say a name", () => import("./commands/greet.ts")),\n';

/** The sources as they are, with packages beside them, to change. */
async function copyOfSources(): Promise<string> {
  const folder = await folderWith();
  const copied = ["src", "graphs", ".claude", "package.json", "package-lock.json"];
  await Promise.all(
    copied.map((path) => cp(join(PACKAGE_FOLDER, path), join(folder, path), { recursive: true })),
  );
  await mkdir(join(folder, "node_modules"));
  const packages = (await readdir(join(PACKAGE_FOLDER, "node_modules"))).filter((name) => name !== ".cache");
  const links = packages.map((name) =>
    symlink(join(PACKAGE_FOLDER, "node_modules", name), join(folder, "node_modules", name)),
  );
  await Promise.all(links);
  return folder;
}

it("a command is one file, and one line in the list: help, options, hints and errors follow from them", async () => {
  const sources = await copyOfSources();
  await writeFile(join(sources, "src/cli/commands/greet.ts"), FILE);
  const list = join(sources, "src/cli/commands.ts");
  const text = await readFile(list, "utf8");
  await writeFile(
    list,
    text.replace("readonly CommandEntry[] = [\n", (line) => `${line}${LINE}`),
  );
  const launcher = join(sources, "src/cli/launch.mjs");
  const elsewhere = await folderWith();
  const run = async (...words: string[]) => {
    const { stdout, stderr } = await runProgram(elsewhere, [launcher, ...words]);
    return `${stdout}${stderr}`;
  };

  expect(await run("help")).toMatch(/greet <name> +say a name/);
  expect(await run("greet", "--help")).toMatch(/greet <name>\n {2}say a name\n\n {2}--loud +in capitals/);
  expect(await run("greet", "you", "--loud")).toBe("YOU\n");
  expect(await run("greet")).toContain("npm run graph -- greet <name>");
  expect(await run("gret")).toContain('Did you mean "greet"?');
});

it("the list and the folder of commands name the same", async () => {
  const files = await readdir(join(PACKAGE_FOLDER, "src/cli/commands"));
  expect(COMMANDS.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
});
