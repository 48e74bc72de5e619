import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { environmentSchema, parseConfig } from "../../src/domain/config.ts";
import { UsageError } from "../../src/domain/errors.ts";

describe("parseConfig", () => {
  it("needs nothing: every setting has a default", () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      apiKey: undefined,
      databaseSchema: "decurion",
      parallel: 8,
      budgetUsd: 0.3,
    });
    expect(config.streamIdleMs).toBe(60_000);
    expect(config.outageMs).toBe(600_000);
  });

  it("takes a variable that is set to nothing as not set", () => {
    expect(parseConfig({ ANTHROPIC_API_KEY: " ", PARALLEL: "" })).toEqual(parseConfig({}));
  });

  it("names every wrong variable at once, and the value of none", () => {
    const wrong = { PARALLEL: "11", BUDGET_USD: "-1", DATABASE_URL: "secret-word", DATABASE_SCHEMA: "a;b" };
    const attempt = () => parseConfig(wrong);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(/PARALLEL.*|BUDGET_USD.*/);
    for (const name of Object.keys(wrong)) expect(attempt).toThrow(name);
    expect(attempt).not.toThrow("secret-word");
  });

  it("wants a key with a base address, because that server is not the simulator", () => {
    expect(() => parseConfig({ ANTHROPIC_BASE_URL: "http://localhost:1" })).toThrow(
      /ANTHROPIC_API_KEY is not/,
    );
  });

  it("shows configurations of MCP servers the variables that are named, and never our own secrets", () => {
    const environment = { TOKEN: "t", OTHER: "o", MCP_VARIABLES: "TOKEN, ABSENT", ANTHROPIC_API_KEY: "k" };
    expect(parseConfig(environment).mcpVariables).toEqual({ TOKEN: "t", ABSENT: undefined });
    const wrong = { ...environment, MCP_VARIABLES: "TOKEN ANTHROPIC_API_KEY" };
    expect(() => parseConfig(wrong)).toThrow(/MCP_VARIABLES names ANTHROPIC_API_KEY/);
  });

  it("takes origins for the server, and refuses the setting that opened it without a token", () => {
    const origins = "https://agents.example, http://localhost:3000";
    expect(parseConfig({ ALLOWED_ORIGINS: origins }).allowedOrigins).toEqual(origins.split(", "));
    for (const wrong of ["*", "null", "agents.example", "https://agents.example/", "file:///x"]) {
      expect(() => parseConfig({ ALLOWED_ORIGINS: wrong })).toThrow(
        /ALLOWED_ORIGINS: must be a list of origins/,
      );
    }
    expect(() => parseConfig({ STUDIO_WITHOUT_TOKEN: "true" })).toThrow(
      /STUDIO_WITHOUT_TOKEN is gone: remove it/,
    );
    expect(parseConfig({ STUDIO_WITHOUT_TOKEN: "false" })).toEqual(parseConfig({}));
  });

  it("reads seconds as milliseconds, and lists without blank or empty entries", () => {
    const seconds = {
      PROFILE_DELAY_SECONDS: "2",
      MCP_CONNECT_SECONDS: "3",
      TOOL_CALL_SECONDS: "4",
      STREAM_IDLE_SECONDS: "0.5",
    };
    const lists = { LADDER: " sonnet, opus ,", CLAUDE_CODE_SETTINGS: "user , project,local" };
    expect(parseConfig({ ...seconds, ...lists })).toMatchObject({
      profileDelayMs: 2000,
      mcpConnectMs: 3000,
      toolCallMs: 4000,
      streamIdleMs: 500,
      ladder: ["sonnet", "opus"],
      claudeCodeSettings: ["user", "project", "local"],
    });
  });

  it.each([
    ["PARALLEL", "0"],
    ["PARALLEL", "1.5"],
    ["MAX_TOKENS", "0"],
    ["ANTHROPIC_BASE_URL", "ftp://x"],
  ])("refuses %s=%s", (name, value) => {
    expect(() => parseConfig({ ANTHROPIC_API_KEY: "k", [name]: value })).toThrow(name);
  });
});

describe("the variables of agents' processes", () => {
  const passed = (environment: Record<string, string>) => parseConfig(environment).agentEnvironment;

  it("are a list of names, and those that a person adds", () => {
    const given = {
      PATH: "/bin",
      LC_ALL: "C",
      GITHUB_TOKEN: "t",
      PGPASSWORD: "p",
      ANTHROPIC_API_KEY: "k",
      FOO: "f",
    };
    expect(passed(given)).toEqual({ PATH: "/bin", LC_ALL: "C" });
    expect(passed({ ...given, AGENT_VARIABLES: "FOO, GITHUB_TOKEN" })).toMatchObject({
      FOO: "f",
      GITHUB_TOKEN: "t",
    });
    expect(passed({ HTTPS_PROXY: "http://user:secret@proxy:1", HTTP_PROXY: "http://proxy:1" })).toEqual({
      HTTP_PROXY: "http://proxy:1",
    });
  });

  it.each(["PGPASSWORD", "ANTHROPIC_API_KEY", "DATABASE_URL"])("are never %s", (name) => {
    expect(() => passed({ AGENT_VARIABLES: `FOO ${name}` })).toThrow(`AGENT_VARIABLES names ${name}`);
  });
});

describe("MODEL_MAP", () => {
  const aliasesOf = (environment: Record<string, string>) => parseConfig(environment).aliases;

  it("lets models stand in for others, by alias or id, over aliases that are set as well", () => {
    const map = " GPT-4 = opus, claude-3-5-sonnet-latest=Sonnet,mine=claude-x,opus=haiku ";
    expect(aliasesOf({ MODEL_MAP: map, MODEL_OPUS: "claude-opus-9" })).toMatchObject({
      "gpt-4": "claude-opus-9",
      "claude-3-5-sonnet-latest": "claude-sonnet-5-5",
      mine: "claude-x",
      opus: "claude-haiku-5-5",
      sonnet: "claude-sonnet-5-5",
    });
  });

  it.each(["gpt-4", "=opus", "gpt-4=", "a=b=c", "a=b,,c=d"])("refuses %s", (map) => {
    expect(() => parseConfig({ MODEL_MAP: map })).toThrow(/MODEL_MAP: must be pairs like/);
  });

  it("refuses two meanings of one name", () => {
    expect(() => parseConfig({ MODEL_MAP: "a=opus,A=haiku" })).toThrow(/MODEL_MAP: maps one model twice/);
  });
});

describe(".env.example", () => {
  const text = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => ({
    name,
    value,
  }));

  it("lists every variable that is read, and no other", () => {
    const read = Object.keys(environmentSchema.shape).filter((name) => name !== "DECURION_AGENT");
    expect(listed.map(({ name }) => name).sort()).toEqual(read.sort());
  });

  it("shows the defaults as they are", () => {
    const defaults = parseConfig({});
    const given = listed.filter(({ value }) => value !== "").map(({ name, value }) => [name, value]);
    const shown = parseConfig({ ANTHROPIC_API_KEY: "k", ...Object.fromEntries(given) });
    expect({ ...shown, apiKey: undefined, baseUrl: undefined, databaseUrl: undefined }).toEqual(defaults);
  });
});
