import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET_KEY, useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";

const testCli = useCli();
const THREAD = "0b0f2d6e-3f58-4c7e-9a50-1d2f4f3f9b11";
const taken = createServer();
let takenPort = 0;

beforeAll(async () => {
  const { folder } = testCli();
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write("broken.json", '{ "tasks": [');
  await write("no-plan.json", '{ "steps": [] }');
  await write("empty.json", '{ "tasks": [] }');
  const task = (id: string, ...dependsOn: string[]) => ({
    id,
    agent: "sydney-coder",
    prompt: "x",
    dependsOn,
  });
  const wrong = [task("a", "b"), task("b", "a"), task("c", "nowhere"), task("d"), task("d")];
  await write("wrong.json", JSON.stringify({ tasks: [...wrong, { ...task("e"), agent: "nobody" }] }));
  await write("bad-model.json", JSON.stringify({ tasks: [{ ...task("a"), model: "gpt-9" }] }));
  await write("nothing.txt", " \n");
  await write("plan-ok.json", JSON.stringify({ tasks: [task("a")] }));
  await mkdir(join(folder, "no-agents"));
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  takenPort = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => taken.close());

/** Arguments, what the sentence says, and the environment where it matters. `%P` is the port in use. */
type Case = readonly [args: string, says: RegExp, environment?: Readonly<Record<string, string>>];

const CASES: readonly Case[] = [
  ["frobnicate", /There is no command "frobnicate"/],
  ["rnu orchestrate x", /Did you mean "run"\?/],
  ["start", /asks on a terminal/],
  ["run", /"run" needs more arguments/],
  ["run orchestra x", /There is no graph "orchestra"\. The graphs are: orchestrate\./],
  ["run constructor x", /There is no graph "constructor"/],
  ["run orchestrate", /The input is empty/],
  ["run orchestrate --input-file nothing.txt", /The input is empty/],
  ["run orchestrate --input-file missing.txt", /The file missing\.txt does not exist/],
  ["run orchestrate x --input-file nothing.txt", /not both/],
  ["run orchestrate @nobody do it", /nobody/],
  ["run orchestrate @sydney-coder", /Nothing follows @sydney-coder/],
  ["run orchestrate x --frob", /no option --frob/],
  ["run orchestrate x --paralel 3", /Did you mean --parallel\?/],
  ["run orchestrate x --parallel", /--parallel needs a value/],
  ["run orchestrate x --parallel 11", /--parallel.*1.*10/],
  ["run orchestrate x --parallel 0", /--parallel.*1.*10/],
  ["run orchestrate x --parallel x", /--parallel.*1.*10/],
  ["run orchestrate x --parallel 2.5", /--parallel/],
  ["run orchestrate x --budget 0", /--budget/],
  ["run orchestrate x --budget -1", /--budget/],
  ["run orchestrate x --budget NaN", /--budget/],
  ["run orchestrate x --model gpt-9", /gpt-9/],
  ["run orchestrate x --executor cobol", /--executor must be messages, claude-code or simulated/],
  [
    "run orchestrate x --executor claude-code",
    /needs a package that is not in .*nowhere\. Install it: npm install --no-save --prefix/,
    { CLAUDE_AGENT_SDK: "nowhere" },
  ],
  ["run orchestrate x --auto-approve=budget", /--auto-approve takes plan, tool, result/],
  ["run orchestrate x --thread mine", /--thread must be a UUID/],
  ["run orchestrate x --agents-dir missing", /missing/],
  ["run orchestrate x --workspace missing", /The workspace .*missing does not exist/],
  ["run orchestrate x --workspace broken.json", /The workspace .*broken.json is not a folder/],
  ["run orchestrate --plan broken.json", /broken\.json is not valid JSON/],
  ["run orchestrate --plan missing.json", /missing\.json does not exist/],
  ["run orchestrate --plan no-plan.json", /The plan cannot be run/],
  ["run orchestrate --plan empty.json", /it has no tasks/],
  ["run orchestrate --plan bad-model.json", /gpt-9/],
  ["run orchestrate --plan wrong.json", /"d" is used more than once.*unknown agent "nobody".*nowhere.*a → b/],
  ["run orchestrate --plan plan-ok.json --no-such", /no option --no-such/],
  [`show ${THREAD}`, /no thread/i],
  ["show 12", /12/],
  [`resume ${THREAD}`, /no thread/i],
  [`watch ${THREAD}`, /no thread/i],
  [`cost ${THREAD}`, /no thread/i],
  [`inbox ${THREAD}`, /no thread/i],
  ["answer plan-00000000 approve", /plan-00000000/],
  ["answer", /"answer" needs more arguments/],
  ["answer plan-00000000", /The decision is missing\. Add approve/],
  ["answer plan-00000000 reject --budget 1", /--budget goes with approve/],
  ["answer plan-00000000 --budget x", /--budget must be a number/],
  ["list --limit 0", /--limit/],
  ["agents show nobody", /nobody/],
  ["agents list --agents-dir missing", /missing/],
  ["agents frob", /agents list/],
  ["draw nothing", /There is no graph "nothing"/],
  ["draw orchestrate --format bmp", /mermaid, ascii or svg/],
  ["db frob", /db start/],
  ["simulator --port %P", /port %P/],
  ["simulator --port 99999", /--port/],
  ["simulator --script broken.json", /broken\.json is not valid JSON/],
  ["simulator --script plan-ok.json", /script is invalid/],
  ["studio --port %P", /Port %P of 127\.0\.0\.1 cannot be used/],
  ["list", /DATABASE_URL/, { DATABASE_URL: "mysql://localhost/x" }],
  ["list", /127\.0\.0\.1:9.*cannot be used/, { DATABASE_URL: "postgresql://u:pw-secret@127.0.0.1:9/x" }],
  ["run orchestrate x", /cannot be used/, { DATABASE_URL: "postgresql://u:pw-secret@127.0.0.1:9/x" }],
  ["run orchestrate x", /PARALLEL/, { PARALLEL: "eleven" }],
  ["run orchestrate x", /ANTHROPIC_BASE_URL/, { ANTHROPIC_BASE_URL: "ftp://x" }],
  ["run orchestrate x", /ANTHROPIC_API_KEY is not/, { ANTHROPIC_API_KEY: "" }],
  ["run orchestrate x", /gpt-9/, { MODEL: "gpt-9" }],
  ["run orchestrate x", /PRICES_FILE/, { PRICES_FILE: "missing.json" }],
  ["run orchestrate x", /agents never start agents/, { DECURION_AGENT: "thread/task" }],
];

describe("bad input", () => {
  it.each(CASES.map(([line, says, environment]) => ({ line, says, environment })))(
    "$line $environment: one sentence, exit 2, nothing paid",
    async ({ line, says, environment }) => {
      const { runInSession, claude } = testCli();
      const fill = (text: string) => text.replaceAll("%P", String(takenPort));
      const before = claude.account().requests;

      const { code, stdout, stderr } = await runInSession(fill(line).split(" "), environment);

      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(new RegExp(fill(says.source), says.flags));
      const lines = stderr.trim().split("\n");
      expect(lines.at(-1)).toMatch(/^decurion: .*[.?]$/);
      expect(lines).toHaveLength(1);
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node_modules|undefined|\[object/);
      expect(stderr).not.toContain(SECRET_KEY);
      expect(stderr).not.toContain("pw-secret");
      expect(claude.account().requests).toBe(before);
    },
  );
});

describe("bad input with --json", () => {
  const cases: readonly Case[] = [
    ["frobnicate --json", /There is no command "frobnicate"/],
    ["run orchestra x --json", /There is no graph "orchestra"/],
    ["list --json --limit", /--limit needs a value/],
    ["list --json", /cannot be used/, { DATABASE_URL: "postgresql://u:pw-secret@127.0.0.1:9/x" }],
  ];
  it.each(cases.map(([line, says, environment]) => ({ line, says, environment })))(
    "$line: one document with the error, beside the sentence",
    async ({ line, says, environment }) => {
      const { code, stdout, stderr } = await testCli().run(line.split(" "), environment);
      expect(code).toBe(2);
      const { error, ...rest } = JSON.parse(stdout);
      expect(error).toMatch(says);
      expect(rest).toEqual({});
      expect(stderr).toBe(`decurion: ${error}\n`);
    },
  );

  it("asks for none where --json is an argument", async () => {
    expect(await testCli().run(["frobnicate", "--", "--json"])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("beyond the arguments", () => {
  it("a role without rights is told so, without its password", async () => {
    const url = new URL(testDatabaseUrl());
    url.password = "wrong-password";

    const { code, stderr } = await testCli().run(["list"], { DATABASE_URL: url.href });

    expect(code).toBe(2);
    expect(stderr).toMatch(/^decurion: Postgres at .* cannot be used: .*password.*\n$/);
    expect(stderr).not.toContain("wrong-password");
  });

  it("a key that is refused fails the run with exit 1 and is not shown", async () => {
    const key = "sk-ant-refused-secret";

    const { code, stdout, stderr } = await testCli().run(
      ["run", "orchestrate", "Compare a and b", "--auto-approve", "--json"],
      { ANTHROPIC_API_KEY: key },
    );

    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ status: "failed", costUsd: 0, calls: { paid: 0, failed: 1 } });
    expect(document.error).toMatch(/check ANTHROPIC_API_KEY/);
    expect(stdout + stderr).not.toContain(key);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it("help is no mistake", async () => {
    for (const args of [[], ["help"], ["--help"], ["help", "run"], ["run", "--help"]]) {
      const { code, stdout, stderr } = await testCli().run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("npm run graph --");
    }
  });
});
