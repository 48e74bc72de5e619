import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentFile } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";

const testCli = useCli();

/** What stands where a file is expected: nobody ever writes to the pipe, and the device never ends. */
const ODD: Record<string, (path: string) => Promise<void>> = {
  "a pipe": async (path) => void execFileSync("mkfifo", [path]),
  "a device": (path) => symlink("/dev/zero", path),
};

/** Puts it there, runs a command, and takes it away again. */
async function runWith(
  odd: string,
  place: string,
  words: readonly string[],
  environment: Record<string, string> = {},
) {
  const { folder, start } = testCli();
  const path = join(folder, place);
  await mkdir(join(path, ".."), { recursive: true });
  await ODD[odd]?.(path);
  try {
    const { code, stderr } = await start(words, environment).ended;
    return { code, stderr: stderr.replaceAll(/\s+/g, " ") };
  } finally {
    await rm(path);
  }
}

const RUN = ["run", "orchestrate", "@sydney-coder hello", "--auto-approve", "--no-synthesis"];

describe.each(Object.keys(ODD))("%s in place of", (odd) => {
  it.each([
    ["a plan", "odd.json", ["run", "orchestrate", "x", "--plan", "odd.json"], {}],
    ["an input", "odd.txt", ["run", "orchestrate", "--input-file", "odd.txt"], {}],
    ["the prices", "prices.json", RUN, { PRICES_FILE: "prices.json" }],
    ["the settings", ".env", RUN, {}],
    ["the list of graphs", "langgraph.json", RUN, {}],
    ["a scenario", "script.json", ["simulator", "--port", "0", "--script", "script.json"], {}],
    ["tools", "odd.ts", [...RUN, "--tools", "odd.ts"], {}],
  ])("%s is refused in a sentence", async (_, place, words, environment) => {
    const { code, stderr } = await runWith(odd, place, words, environment);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/not a regular file/);
    expect(stderr).not.toMatch(/internal error/);
  });

  it("an agent is reported, and the others work", async () => {
    const { folder } = testCli();
    await mkdir(join(folder, "agents"), { recursive: true });
    await writeFile(join(folder, "agents", "fine.md"), agentFile("fine"));
    const words = [
      "run",
      "orchestrate",
      "@fine hello",
      "--agents-dir",
      "agents",
      "--auto-approve",
      "--no-synthesis",
    ];
    const { code, stderr } = await runWith(odd, "agents/odd.md", words);
    expect(code, stderr).toBe(0);
  });

  it("the MCP servers hinders no agent that uses none", async () => {
    const { code, stderr } = await runWith(odd, ".mcp.json", RUN);
    expect(code, stderr).toBe(0);
  });
});
