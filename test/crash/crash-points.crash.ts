import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { agentFile } from "../support/agent-files.ts";
import { type CrashProxy, type Moment, openCrashProxy } from "../support/crash-proxy.ts";
import { testDatabaseUrl, useTestDatabase } from "../support/database.ts";
import { auditLedger } from "../support/ledger-audit.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";
import { useProgram } from "../support/program.ts";

// Kills a real process at every point between two durable effects, one after the other, and lets another process with other
// settings go on. The points are not named here: a first run counts the statements that change something.

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const scenario = parseScenario({
  answers: [
    { json: { passes: true, reason: "fine" }, when: { match: "^Validate" } },
    { tools: [{ name: "charge", input: { card: "4242" } }], when: { match: "^Charge", said: "^$" } },
    { json: { ...GOOD, output: "Odd \u0000 text." }, when: { match: "odd" } },
    { json: GOOD },
  ],
});

/** A tool that writes, and whose description is another one each time it is loaded. */
const TOOLS = `import { appendFileSync } from "node:fs";
import { z } from "zod";
import { defineTool } from "decurion";
export const charge = defineTool({ name: "charge", description: "Charges a card. Now: " + process.hrtime.bigint(), effect: "writes",
  input: z.object({ card: z.string() }), run: async ({ card }) => { appendFileSync(process.env.CHARGES, card + "\\n"); return "paid"; } });
`;

interface Kind {
  readonly prompt: string;
  readonly agent: string;
  readonly validate?: object;
  readonly options?: object;
  /** What is charged at most, and at least when nothing was interrupted. */
  readonly charges?: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  plain: { prompt: "Do it.", agent: "worker" },
  tools: { prompt: "Charge the card.", agent: "worker", charges: 1 },
  validator: { prompt: "Do it, odd.", agent: "worker", validate: { agent: "judge" } },
  approval: {
    prompt: "Charge the card.",
    agent: "worker",
    charges: 1,
    options: { autoApprove: ["plan"], ask: { tool: "always" } },
  },
};

const database = useTestDatabase();
const program = useProgram("crash-program");

/** What one kind's runs have for themselves: kinds are tried side by side. */
interface Site {
  readonly kind: Kind;
  readonly claude: Simulator;
  readonly proxy: CrashProxy;
  /** The folder of the agents and of the tool's effects, in which the processes run. */
  readonly folder: string;
}

async function openSite(kind: Kind): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-crash-"));
  await writeFile(join(folder, "tools.ts"), TOOLS);
  return {
    kind,
    folder,
    claude: await startSimulator({ scenario }),
    proxy: await openCrashProxy(testDatabaseUrl()),
  };
}

async function closeSite({ claude, proxy }: Site): Promise<void> {
  await proxy.close();
  await claude.close();
}

/** Rewrites the agents' files, as somebody may who looks for what went wrong. */
async function writeAgents({ folder }: Site, version: string): Promise<void> {
  const body = (name: string) => `${agentFile(name, "")}\nThis is ${version}.\n`;
  await writeFile(join(folder, "worker.md"), body("worker"));
  await writeFile(join(folder, "judge.md"), body("judge"));
}

interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts the program with a thread of this kind. */
function start({ kind, folder, claude, proxy }: Site, threadId: string, maxTokens: number): Process {
  const task = {
    id: "t",
    agent: kind.agent,
    description: "t",
    prompt: kind.prompt,
    dependsOn: [],
    validate: kind.validate,
  };
  const options = {
    autoApprove: ["plan", "tool"],
    synthesis: false,
    agentsDir: folder,
    ...(kind.charges && { tools: join(folder, "tools.ts") }),
    ...kind.options,
  };
  const given = { threadId, folder: PACKAGE_FOLDER, plan: { input: "x", currentTasks: [task] }, options };
  const child = spawn(process.execPath, [program(), JSON.stringify(given)], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      DATABASE_URL: proxy.url,
      DATABASE_SCHEMA: database().schema,
      ANTHROPIC_API_KEY: "k",
      ANTHROPIC_BASE_URL: claude.url,
      ALLOW_COMMANDS: "true",
      CHARGES: join(folder, threadId),
      BUDGET_USD: "5",
      MAX_TOKENS: String(maxTokens),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    child,
    ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr }))),
  };
}

async function chargesOf({ folder }: Site, threadId: string): Promise<number> {
  const text = await readFile(join(folder, threadId), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

/** The statements that an undisturbed run of this kind writes with, in their order. */
async function writesOf(site: Site): Promise<readonly string[]> {
  await writeAgents(site, "version one");
  site.proxy.arm(0, "before", () => undefined);
  const { code, stderr } = await start(site, randomUUID(), 1000).ended;
  expect(code, stderr).toBe(0);
  return site.proxy.writes;
}

/** Kills a run at its n-th write, and lets another process go on. */
async function crashAt(site: Site, nth: number, moment: Moment): Promise<void> {
  const { kind, claude, proxy } = site;
  const threadId = randomUUID();
  await writeAgents(site, "version one");
  claude.reset();
  let first: Process | undefined;
  proxy.arm(nth, moment, () => first?.child.kill("SIGKILL"));
  first = start(site, threadId, 1000);
  await first.ended;
  expect(proxy.writes.length, "the process came to this point").toBeGreaterThanOrEqual(nth);
  proxy.arm(0, "before", () => undefined);
  await writeAgents(site, "version two");

  const { code, stdout, stderr } = await start(site, threadId, 2000).ended;

  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report, stdout).toMatchObject({
    status: "completed",
    output: expect.stringMatching(/The work|Odd/),
  });
  expect(report.tasks).toMatchObject([{ status: "completed", attempts: 1 }]);
  await auditLedger(database(), threadId, claude);
  expect(await chargesOf(site, threadId)).toBeLessThanOrEqual(kind.charges ?? 0);
  const { rows } = await database().pool.query(
    `SELECT (SELECT count(*)::int FROM tool_calls WHERE thread_id = $1 AND status = 'done') AS done,
       (SELECT count(*)::int FROM requests WHERE thread_id = $1 AND kind = 'tool') AS asked,
       (SELECT count(*)::int FROM requests WHERE thread_id = $1 AND status = 'open') AS open`,
    [threadId],
  );
  if (rows[0].done > 0) expect(await chargesOf(site, threadId)).toBe(kind.charges);
  expect(rows[0]).toMatchObject({ open: 0, asked: kind.options ? 1 : 0 });
}

describe.concurrent("a run that is killed at each point between two durable effects", () => {
  it.each(Object.entries(KINDS))("ends whole: %s", async (_, kind) => {
    const site = await openSite(kind);
    const problems: string[] = [];
    const only = process.env["CRASH_AT"]?.split(",");
    for (const [index, name] of (await writesOf(site)).entries()) {
      for (const moment of ["before", "after"] as const) {
        const point = `${index + 1} ${moment}`;
        if (only && !only.includes(point)) continue;
        await crashAt(site, index + 1, moment).catch((error: unknown) => {
          problems.push(`${point} ${name}: ${error instanceof Error ? error.message.slice(0, 600) : error}`);
        });
      }
    }
    await closeSite(site);
    expect(problems).toEqual([]);
  });
});
