import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/server.ts";
import { SECRET_KEY, useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";

const testCli = useCli();

/** The findings by topic, and how the command ended. */
async function doctor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await testCli().run(["doctor", "--json", ...args], environment);
  expect(`${stdout}${stderr}`).not.toContain(SECRET_KEY);
  const report: { isFit: boolean; findings: { topic: string; level: string; says: string; fix?: string }[] } =
    JSON.parse(stdout);
  expect(code).toBe(report.isFit ? 0 : 1);
  return new Map(report.findings.map((finding) => [finding.topic, finding]));
}

describe("doctor", () => {
  it("finds a machine fit on which everything is as it should be, and has Claude's server asked only when told to", async () => {
    const findings = await doctor([]);
    expect(findings.get("Postgres")).toMatchObject({
      level: "fine",
      says: expect.stringMatching(/^\d+(\.\d+)*.*, \d+ MB/),
    });
    expect(findings.get("Node")?.level).toBe("fine");
    expect(findings.get("packages")?.level).toBe("fine");
    expect(findings.get("API key")?.says).toContain("--online");
    const nobody = { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
    expect((await doctor([], nobody)).get("API key")?.level).toBe("fine");
    expect((await doctor(["--online"], nobody)).get("API key")?.level).toBe("broken");
    expect((await doctor(["--online"])).get("API key")).toMatchObject({
      level: "fine",
      says: "set and accepted",
    });
  });

  it("says that a key is refused, without showing it", async () => {
    const strict = await startSimulator({ apiKey: "another key" });
    const findings = await doctor(["--online"], { ANTHROPIC_BASE_URL: strict.url });
    await strict.close();
    expect(findings.get("API key")).toMatchObject({
      level: "broken",
      fix: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
  });

  it("starts no server of its own and says that it could", async () => {
    const findings = await doctor([], { DATABASE_URL: "" });
    expect(findings.get("Postgres")?.says).toContain("started when it is needed");
    const status = await testCli().run(["db", "status"], { DATABASE_URL: "" });
    expect(status.stdout).toContain("state: absent");
  });

  it("says why a database cannot be used, without the password", async () => {
    const findings = await doctor([], { DATABASE_URL: `postgresql://u:${SECRET_KEY}@127.0.0.1:1/x` });
    expect(findings.get("Postgres")).toMatchObject({
      level: "broken",
      says: expect.stringContaining("nothing answers at that address"),
    });
  });

  it("says that a user has no right to make a schema, and makes none", async () => {
    const role = `poor_${process.pid}`;
    const admin = new pg.Client({ connectionString: testDatabaseUrl() });
    await admin.connect();
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret-of-the-poor'`);
    const url = new URL(testDatabaseUrl());
    url.username = role;
    url.password = "secret-of-the-poor";
    const findings = await doctor([], { DATABASE_URL: url.href, DATABASE_SCHEMA: "nowhere_yet" });
    const { rows } = await admin.query("SELECT FROM pg_namespace WHERE nspname = 'nowhere_yet'");
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
    expect(findings.get("Postgres")).toMatchObject({
      level: "broken",
      says: expect.stringContaining("no right to create a schema"),
    });
    expect(rows).toEqual([]);
  });

  it("names an agent file that cannot be read, and still finds the machine fit", async () => {
    const folder = join(testCli().folder, ".claude", "agents");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "broken.md"), "---\nname: broken\ndescription: x\n");
    expect((await doctor([])).get("agents")).toMatchObject({
      level: "doubtful",
      fix: expect.stringContaining("broken.md"),
    });
  });

  it("prints a line for each thing, and below it what to do", async () => {
    const { stdout } = await testCli().run(["doctor"], { ANTHROPIC_API_KEY: "", ANTHROPIC_BASE_URL: "" });
    expect(stdout).toMatch(/^✓ Node {2,}\d+/m);
    expect(stdout).toMatch(/^! API key {2,}none: the answers are simulated\n {2,}→ set ANTHROPIC_API_KEY/m);
  });
});
