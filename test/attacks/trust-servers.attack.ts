import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { agentFile } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";

const SCRIPT = fileURLToPath(new URL("../support/mcp-server.mjs", import.meta.url));
const cli = useCli();
const STRANGE = { TRUST_SERVERS: "" };
const RUN = ["run", "orchestrate", "@stranger do it", "--auto-approve", "--no-synthesis", "--json"];

/** What the stranger's server runs: it leaves a mark. */
const server = (mark: string) => ({
  command: "sh",
  args: ["-c", `touch ${mark}; exec '${process.execPath}' '${SCRIPT}' well`],
});

async function addAgent(mark: string): Promise<void> {
  const folder = join(cli().folder, ".claude", "agents");
  await mkdir(folder, { recursive: true });
  const lines = `mcpServers: ${JSON.stringify({ db: server(mark) })}\n`;
  await writeFile(join(folder, "stranger.md"), agentFile("stranger", lines));
}

describe("an MCP server that nobody has approved", () => {
  beforeEach(async () => {
    await rm(join(cli().folder, ".decurion", "approved.json"), { force: true });
    await rm(join(cli().folder, ".mcp.json"), { force: true });
  });

  it("refuses a run without a terminal, before anything is opened or paid for, and names the command", async () => {
    await addAgent("refused");
    const { code, stdout } = await cli().run(RUN, STRANGE);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toMatch(
      /Nobody has approved the MCP server "db" of .*agents trust stranger/,
    );
    expect(existsSync(join(cli().folder, "refused"))).toBe(false);
  });

  it("is shown whole, and approved once with --yes until its content changes", async () => {
    await addAgent("one");
    const shown = await cli().run(["agents", "trust", "stranger"], STRANGE);
    expect(shown).toMatchObject({ code: 2, stderr: expect.stringContaining("touch one; exec") });
    expect((await cli().run(["agents", "trust", "stranger", "--yes"], STRANGE)).code).toBe(0);
    expect((await cli().run(["agents", "trust", "stranger"], STRANGE)).stdout).toContain(
      "Nothing is to be approved",
    );
    expect((await cli().run(RUN, STRANGE)).code).toBe(0);
    await addAgent("two");
    expect((await cli().run(RUN, STRANGE)).code).toBe(2);
  });

  it("of .mcp.json is asked for too", async () => {
    await writeFile(
      join(cli().folder, ".mcp.json"),
      JSON.stringify({ mcpServers: { web: server("three") } }),
    );
    const agents = join(cli().folder, ".claude", "agents");
    await mkdir(agents, { recursive: true });
    await writeFile(join(agents, "stranger.md"), agentFile("stranger", "tools: mcp__web__echo\n"));
    const { code, stdout } = await cli().run(RUN, STRANGE);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toContain('"web"');
  });

  it("is not approved by the project's own files", async () => {
    await addAgent("four");
    const env = join(cli().folder, ".env");
    await writeFile(env, "TRUST_SERVERS=true\n");
    // Without the variable, not even empty, so that the file could set it.
    const launcher = join(PACKAGE_FOLDER, "src/cli/launch.mjs");
    const environment = { PATH: process.env["PATH"], HOME: cli().folder };
    const { status } = spawnSync(process.execPath, [launcher, "agents", "trust", "stranger"], {
      cwd: cli().folder,
      env: environment,
    });
    await rm(env);
    expect(status).toBe(2);
  });

  it("is asked about once on a terminal, before the run starts", async () => {
    await addAgent("five");
    const words = RUN.filter((word) => word !== "--json");
    const no = await cli().onTerminal(words, [["Approve it from now on?", "n\r"]], STRANGE);
    expect(no.code).toBe(2);
    const yes = await cli().onTerminal(words, [["Approve it from now on?", "y\r"]], STRANGE);
    expect(yes.code).toBe(0);
    expect((await cli().openTerminal(words, STRANGE).ended).code).toBe(0);
    const approved = await readFile(join(cli().folder, ".decurion", "approved.json"), "utf8");
    expect(Object.keys(JSON.parse(approved).servers)).toHaveLength(1);
  });

  it("is approved by --trust-servers", async () => {
    await addAgent("six");
    expect((await cli().run([...RUN, "--trust-servers"], STRANGE)).code).toBe(0);
    expect((await cli().run(RUN, STRANGE)).code).toBe(0);
  });
});
