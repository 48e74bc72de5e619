import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../../src/agents/parse.ts";
import type { AgentScope } from "../../../src/domain/agent.ts";
import { serversOf } from "../../../src/tools/mcp/agent-servers.ts";
import { ALL_APPROVED } from "../../../src/tools/mcp/approved-servers.ts";
import { loadProjectServers } from "../../../src/tools/mcp/project-servers.ts";
import { agentFile, folderWith } from "../../support/agent-files.ts";

const PROJECT = JSON.stringify({
  mcpServers: {
    db: { command: "db" },
    "my.web": { type: "http", url: "https://example.org" },
    broken: { args: [] },
  },
});

/** What an agent whose frontmatter has these lines uses in a project with this `.mcp.json`. */
async function used(
  lines: string,
  mcpJson: string | undefined = PROJECT,
  scope: AgentScope = "project",
  plugin?: string,
) {
  const folder = await folderWith(mcpJson === undefined ? {} : { ".mcp.json": mcpJson });
  const parsed = parseAgentFile(agentFile("a", lines), join(folder, "a.md"), scope, plugin);
  if (parsed.kind !== "agent") throw new Error("The file is no agent.");
  const project = await loadProjectServers(folder, {});
  const { uses, problems } = serversOf(parsed.agent, project, {}, ALL_APPROVED);
  return {
    uses: Object.fromEntries(uses.map(({ server, entries }) => [server.name, entries])),
    problems: problems.map((problem) => problem.replaceAll(folder, "")),
  };
}

describe("the MCP servers of an agent", () => {
  it("are none for one that names none, whatever the project has", async () => {
    expect(await used("")).toEqual({ uses: {}, problems: [] });
    expect(await used("tools: Read, Bash\n")).toEqual({ uses: {}, problems: [] });
    expect(await used("", undefined)).toEqual({ uses: {}, problems: [] });
    expect(await used("", "{ no JSON")).toEqual({ uses: {}, problems: [] });
  });

  it("are those of the project that its tools name, by the tool or as a whole", async () => {
    const { uses, problems } = await used("tools: Read, mcp__db__read, mcp__db__write, mcp__my_web__*\n");
    expect(uses).toEqual({ db: ["mcp__db__read", "mcp__db__write"], "my.web": ["mcp__my_web__*"] });
    expect(problems).toEqual([]);
    expect((await used("tools: mcp__db\n")).uses).toEqual({ db: ["mcp__db"] });
  });

  it("are those of its own file, by name or in full, as a list or a mapping", async () => {
    const own = "{ command: own, args: [a] }";
    expect((await used(`mcpServers:\n  - db\n  - own: ${own}\n`)).uses).toEqual({ db: [], own: [] });
    expect((await used(`mcpServers:\n  own: ${own}\n  db:\n`)).uses).toEqual({ own: [], db: [] });
    expect((await used("mcpServers: db, my.web\n")).uses).toEqual({ db: [], "my.web": [] });
    expect((await used(`tools: Read, mcp__own__x\nmcpServers:\n  own: ${own}\n`)).uses).toEqual({
      own: ["mcp__own__x"],
    });
  });

  it("of a plugin's agent are the project's alone", async () => {
    const lines = "tools: mcp__db__read\nmcpServers:\n  evil: { command: evil }\n";
    expect((await used(lines, PROJECT, "plugin")).uses).toEqual({ db: ["mcp__db__read"] });
    expect((await used(lines, PROJECT, "flag", "kit")).uses).toEqual({ db: ["mcp__db__read"] });
  });

  it.each([
    ["tools: mcp__broken\n", PROJECT, 'MCP server "broken" in /.mcp.json has an invalid "command".'],
    [
      "mcpServers: [absent]\n",
      PROJECT,
      'Agent "a" in /a.md uses the MCP server "absent", which /.mcp.json does not have.',
    ],
    ["mcpServers: [5]\n", PROJECT, 'Agent "a" in /a.md has "mcpServers" that are neither names nor servers.'],
    ["mcpServers: { x: { url: 5 } }\n", PROJECT, 'MCP server "x" in /a.md has an invalid "url".'],
    [
      "tools: mcp__no__x, Read\n",
      PROJECT,
      'Agent "a" names mcp__no__x, but neither /a.md nor /.mcp.json configures that MCP server.',
    ],
    ["tools: mcp__db\n", "{ no JSON", "/.mcp.json is not valid JSON."],
    ["mcpServers: [db]\n", "[]", '/.mcp.json has no object "mcpServers".'],
  ])("that it cannot have are a sentence: %j", async (lines, mcpJson, problem) => {
    expect(await used(lines, mcpJson)).toEqual({ uses: {}, problems: [problem] });
  });
});
