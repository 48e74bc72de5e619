import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { agentFile } from "./agent-files.ts";
import { openAnswerProxy } from "./crash-answers.ts";
import { type CrashPoints, createCrashPoints } from "./crash-points.ts";
import type { Done, Given } from "./crash-program.ts";
import { openCrashProxy } from "./crash-proxy.ts";
import { testDatabaseUrl } from "./database.ts";

/** A process of the crash program. */
export interface CrashProcess {
  readonly child: ChildProcess;
  /** Begins or goes on with a thread. @returns undefined when the process was killed meanwhile. */
  run(given: Given): Promise<Done | undefined>;
}

/** What the runs of one kind have for themselves: servers, a folder, processes. Kinds are tried side by side. */
export interface CrashSite {
  readonly claude: Simulator;
  /** The folder of the agents and of the tools' effects, in which the processes run. */
  readonly folder: string;
  readonly points: CrashPoints;
  /** A process to be killed. It passes the points, and was started early: it has loaded what it needs. */
  victim(): CrashProcess;
  /** The process with other settings that goes on with every thread. It passes no points. */
  readonly successor: CrashProcess;
  /** Rewrites the agents' files, as somebody may who looks for what went wrong. */
  writeAgents(version: string): Promise<void>;
  /** How often the tool of a thread's agent took effect. */
  chargesOf(threadId: string): Promise<number>;
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly program: string;
  readonly schema: string;
  readonly scenario: Partial<Scenario>;
  /** Lines of the worker's file. */
  readonly worker?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A tool that writes, and whose description is another one each time it is loaded. */
const TOOLS = `import { appendFileSync } from "node:fs";
import { z } from "zod";
import { defineTool } from "decurion";
export const charge = defineTool({ name: "charge", description: "Charges a card. Now: " + process.hrtime.bigint(), effect: "writes",
  input: z.object({ card: z.string() }), run: async () => {
    appendFileSync(process.env.CHARGES, process.env.DECURION_AGENT + "\\n");
    return "paid";
  } });
`;

export async function openSite(options: SiteOptions): Promise<CrashSite> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-crash-"));
  await writeFile(join(folder, "tools.ts"), TOOLS);
  const points = createCrashPoints();
  const claude = await startSimulator({ scenario: parseScenario(options.scenario) });
  const answers = await openAnswerProxy(claude.url, points);
  const database = await openCrashProxy(testDatabaseUrl(), points);
  const charges = join(folder, "charges");
  const start = (environment: Readonly<Record<string, string>>) =>
    startProcess(options.program, folder, {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      DATABASE_SCHEMA: options.schema,
      ANTHROPIC_API_KEY: "k",
      ALLOW_COMMANDS: "true",
      TRUST_SERVERS: "true",
      CHARGES: charges,
      BUDGET_USD: "5",
      ...options.environment,
      ...environment,
    });
  const startVictim = () =>
    start({ DATABASE_URL: database.url, ANTHROPIC_BASE_URL: answers.url, MAX_TOKENS: "1000" });
  const successor = start({
    DATABASE_URL: testDatabaseUrl(),
    ANTHROPIC_BASE_URL: claude.url,
    MAX_TOKENS: "2000",
  });
  let next = startVictim();
  return {
    claude,
    folder,
    points,
    successor,
    victim: () => {
      const now = next;
      next = startVictim();
      return now;
    },
    writeAgents: (version) => writeAgents(folder, options.worker ?? "", version),
    chargesOf: async (threadId) => {
      const text = await readFile(charges, "utf8").catch(() => "");
      return text.split("\n").filter((line) => line.startsWith(`${threadId}/`)).length;
    },
    close: async () => {
      next.child.kill("SIGKILL");
      successor.child.disconnect();
      await Promise.all([exitOf(next.child), exitOf(successor.child)]);
      await Promise.all([database.close(), answers.close(), claude.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeAgents(folder: string, worker: string, version: string): Promise<void> {
  const body = (name: string, lines: string) => `${agentFile(name, lines)}\nThis is ${version}.\n`;
  await writeFile(join(folder, "worker.md"), body("worker", worker));
  await writeFile(join(folder, "judge.md"), body("judge", ""));
}

function startProcess(
  program: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): CrashProcess {
  const child = fork(program, [], {
    cwd: folder,
    env: { ...environment },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exit = exitOf(child);
  return {
    child,
    run: async (given) => {
      const done = new Promise<Done>((resolve) => child.once("message", resolve));
      child.send(given);
      return Promise.race([done, exit.then(() => undefined)]);
    },
  };
}

function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
