import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { approvalPlace, approveServers, readApproved } from "../../../src/tools/mcp/approved-servers.ts";
import { parseServer } from "../../../src/tools/mcp/server-config.ts";
import { folderWith } from "../../support/agent-files.ts";

function server(value: object, variables = {}) {
  const parsed = parseServer("db", value, "a.md", variables);
  if (parsed.kind === "broken") throw new Error(parsed.problem);
  return parsed;
}

const STDIO = { command: "node", args: ["a.js"], env: { A: "1", B: "${" + "B}" } };
const HTTP = { type: "http", url: "https://example.org/mcp", headers: { A: "b" } };

describe("the approval of an MCP server", () => {
  it("holds for its content in its project, whatever its variables' values", async () => {
    const place = approvalPlace(await folderWith({}), "/project");
    await approveServers(place, [server(STDIO, { B: "2" })], "me@here");
    const approved = await readApproved(place);
    expect(approved.has(server(STDIO, { B: "other" }).written)).toBe(true);
    expect(approved.has(server({ ...STDIO, env: { B: "${" + "B}", A: "1" } }, { B: "" }).written)).toBe(true);
    expect(approved.has(server(HTTP).written)).toBe(false);
    await approveServers(place, [server(HTTP)], "me@here");
    expect((await readApproved(place)).has(server(HTTP).written)).toBe(true);
    const elsewhere = await readApproved({ ...place, project: "/cloned" });
    expect(elsewhere.has(server(STDIO, { B: "" }).written)).toBe(false);
  });

  it.each([
    [STDIO, { ...STDIO, command: "nod" }],
    [STDIO, { ...STDIO, args: ["a.js", "--evil"] }],
    [STDIO, { ...STDIO, args: ["a.js,b"] }],
    [STDIO, { ...STDIO, env: { ...STDIO.env, NODE_OPTIONS: "--require ./evil" } }],
    [STDIO, { ...STDIO, env: { A: "2", B: "${" + "B}" } }],
    [HTTP, { ...HTTP, url: "https://evil.example/mcp" }],
    [HTTP, { ...HTTP, headers: { A: "${" + "SECRET}" } }],
    [HTTP, { ...HTTP, type: "sse" }],
  ])("of %j is not one of %j", async (before, after) => {
    const place = approvalPlace(await folderWith({}), "/project");
    const variables = { B: "", SECRET: "" };
    await approveServers(place, [server(before, variables)], "me@here");
    expect((await readApproved(place)).has(server(after, variables).written)).toBe(false);
  });

  it("is in a file of the user's home that nobody else reads, with the time and the person", async () => {
    const home = await folderWith({});
    await approveServers(approvalPlace(home, "/project"), [server(HTTP)], "me@here");
    const file = join(home, ".decurion", "approved.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const [entry] = Object.values(JSON.parse(await readFile(file, "utf8")).servers);
    expect(entry).toEqual({ name: "db", by: "me@here", at: expect.stringMatching(/^20.*Z$/) });
  });

  it("cannot be read from a file that is not one of approvals", async () => {
    const home = await folderWith({ ".decurion/approved.json": '{"servers":true}' });
    await expect(readApproved(approvalPlace(home, "/p"))).rejects.toThrow(/approved\.json cannot be read/);
    await writeFile(join(home, ".decurion", "approved.json"), "{");
    await expect(readApproved(approvalPlace(home, "/p"))).rejects.toThrow(/approve again/);
  });
});
