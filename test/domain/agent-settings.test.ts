import { describe, expect, it } from "vitest";
import { AGENT_COLORS, readSettings, SETTING_KEYS } from "../../src/domain/agent-settings.ts";
import type { Json } from "../../src/domain/json.ts";

const read = (key: string, value: Json, isOfPlugin = false) => readSettings({ [key]: value }, isOfPlugin);

describe("a setting of an agent's file", () => {
  it.each<[string, Json, unknown]>([
    ["executor", "Claude-Code", "claude-code"],
    ["executor", " messages ", "messages"],
    ["ask", "writes", "writes"],
    ["maxTurns", 12, 12],
    ["maxTurns", "12", 12],
    ["permissionMode", "acceptedits", "acceptEdits"],
    ["effort", "HIGH", "high"],
    ["color", "Pink", "pink"],
    ["skills", "pdf, xlsx", ["pdf", "xlsx"]],
    ["skills", ["pdf"], ["pdf"]],
    ["hooks", { Stop: [] }, { Stop: [] }],
    ["memory", "local", "local"],
    ["background", "true", true],
    ["background", false, false],
    ["isolation", "worktree", "worktree"],
    ["initialPrompt", "Begin.", "Begin."],
    ["mcpServers", "github, db", { github: null, db: null }],
    ["mcpServers", ["github", { db: { command: "x" } }], { github: null, db: { command: "x" } }],
    [
      "mcpServers",
      { db: { command: "x", args: ["y"] }, web: { type: "http", url: "http://h" } },
      { db: { command: "x", args: ["y"] }, web: { type: "http", url: "http://h" } },
    ],
  ])("%s: %j is read as %j", (key, written, value) => {
    const { settings, warnings } = read(key, written);
    expect(settings).toEqual({ [key]: value });
    expect(warnings.filter((warning) => warning.includes("ignored"))).toEqual([]);
  });

  it.each<[string, Json]>([
    ...["executor", "ask", "permissionMode", "effort", "color", "memory", "isolation"].flatMap(
      (key): [string, Json][] => [
        ...(key === "executor" ? [] : [[key, "nonsense"] as [string, Json]]),
        ...(key === "executor" ? [] : [[key, "constructor"] as [string, Json]]),
        [key, ""],
        [key, 3],
        [key, ["high"]],
      ],
    ),
    ["executor", "claude code"],
    ...[0, -1, 1.5, "twelve", "", 1001, true, [5], {}].map((value): [string, Json] => ["maxTurns", value]),
    ...["maybe", 1, "constructor"].map((value): [string, Json] => ["background", value]),
    ...["x", 1, ["x"]].map((value): [string, Json] => ["hooks", value]),
    ...[5, ["x"], { a: 1 }].map((value): [string, Json] => ["initialPrompt", value]),
    ["skills", { pdf: true }],
    ["mcpServers", { db: "npx db" }],
    ["mcpServers", { db: { args: [] } }],
    ["mcpServers", [{ db: 7 }]],
  ])("%s: %j is ignored, by name and with what it must be", (key, written) => {
    const { settings, warnings } = read(key, written);
    expect(settings).toEqual({});
    expect(warnings).toEqual([expect.stringContaining(`"${key}" is ignored: it must be `)]);
    expect(warnings[0]).toContain(`, not ${JSON.stringify(written)}`);
  });

  it("that is left empty is not set", () => {
    for (const key of SETTING_KEYS) expect(read(key, null)).toEqual({ settings: {}, warnings: [] });
  });

  it("that concerns the user's safety is not taken from a plugin", () => {
    const dangerous = { hooks: {}, mcpServers: "x", permissionMode: "plan" };
    const { settings, warnings } = readSettings({ ...dangerous, maxTurns: 2 }, true);
    expect(settings).toEqual({ maxTurns: 2 });
    expect(warnings).toHaveLength(3);
    for (const key of Object.keys(dangerous))
      expect(warnings.join()).toContain(`"${key}" is ignored: a plugin's`);
    expect(read("ask", "always", true)).toEqual({ settings: { ask: "always" }, warnings: [] });
  });

  it("may be any colour that Claude Code displays", () => {
    for (const color of AGENT_COLORS)
      expect(read("color", color)).toEqual({ settings: { color }, warnings: [] });
  });
});
