import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseServer } from "../../../src/tools/mcp/server-config.ts";

const parse = (value: unknown, variables = {}) => parseServer("db", value, "x/.mcp.json", variables);
const problemOf = (value: unknown, variables = {}) => {
  const server = parse(value, variables);
  return server.kind === "broken" ? server.problem : server;
};

describe("a server's configuration", () => {
  it("is a command with arguments and variables", () => {
    expect(parse({ command: "npx", args: ["-y", "db", 5], env: { A: "b", PORT: 80, ON: true } })).toEqual({
      kind: "stdio",
      name: "db",
      file: "x/.mcp.json",
      written: expect.objectContaining({ kind: expect.any(String) }),
      command: "npx",
      parameters: ["-y", "db", "5"],
      environment: { A: "b", PORT: "80", ON: "true" },
    });
    expect(parse({ type: "stdio", command: "db" })).toMatchObject({ parameters: [], environment: {} });
  });

  it.each([
    [{ type: "http" }, "http"],
    [{ type: "streamable-http" }, "http"],
    [{ type: "sse" }, "sse"],
    [{}, "http"],
  ])("is an address with headers: %j", (type, kind) => {
    const url = "https://example.org/mcp";
    expect(parse({ ...type, url, headers: { Authorization: "Bearer x" } })).toEqual({
      kind,
      name: "db",
      file: "x/.mcp.json",
      written: expect.objectContaining({ kind: expect.any(String) }),
      url,
      headers: { Authorization: "Bearer x" },
    });
  });

  it("may use the variables that it may see, and defaults for others", () => {
    const value = {
      command: "${" + "BIN}",
      args: ["--token=${" + "TOKEN}", "${" + "UNSET:-d}", "${" + "HIDDEN:-}", "$PLAIN"],
      env: { A: "${" + "TOKEN}${" + "TOKEN}" },
    };
    expect(parse(value, { BIN: "db", TOKEN: "t$&", UNSET: undefined })).toMatchObject({
      command: "db",
      parameters: ["--token=t$&", "d", "", "$PLAIN"],
      environment: { A: "t$&t$&" },
    });
  });

  const reference = "${" + "TOKEN}";
  it.each([
    [
      { command: reference },
      {},
      /db.*x\/.mcp.json uses .*"TOKEN", which is not allowed. Add it to MCP_VARIABLES/,
    ],
    [
      { command: reference },
      { TOKEN: undefined },
      /needs the environment variable "TOKEN", which is not set/,
    ],
    [{ command: "${" + "constructor}" }, {}, /"constructor", which is not allowed/],
    [{ args: [] }, {}, /an invalid "command"/],
    [{ command: "db", env: { "A-B": "secret-word" } }, {}, /an invalid "env"/],
    [{ command: "db", args: "secret-word" }, {}, /an invalid "args"/],
    [{ type: "http", url: "ftp://secret-word" }, {}, /"url" that is no http address/],
    [{ type: "http", url: "http://x", headers: { "A b": "secret-word" } }, {}, /an invalid "headers"/],
    [{ type: "websocket", url: "x" }, {}, /unknown "type": use stdio, http or sse/],
    [{ type: "constructor", url: "x" }, {}, /unknown "type"/],
    ["npx db", {}, /is not an object/],
    [null, {}, /is not an object/],
  ])(
    "that is wrong is one sentence with the server and its file, and no value: %j",
    (value, variables, reason) => {
      const problem = problemOf(value, variables);
      expect(problem).toMatch(reason);
      expect(problem).toMatch(/^MCP server "db" in x\/\.mcp\.json [^\n]*\.$/);
      expect(problem).not.toContain("secret-word");
    },
  );

  it("is a server or a sentence, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const server = parseServer(name, value, "f", {});
        if (server.kind === "broken") expect(server.problem).toMatch(/^MCP server "/);
      }),
    );
  });
});
