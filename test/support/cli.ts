import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Ended, useCliSession } from "./cli-session.ts";
import { testDatabaseUrl, useTestSchema } from "./database.ts";
import { PACKAGE_FOLDER } from "./package-folder.ts";

/** The key of the server that stands for Claude. It must never be seen. */
export const SECRET_KEY = "sk-ant-api03-this-must-never-be-shown";

/** A process of the command line that may still run. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr holds the text; rejects when the process ends without it. */
  saying(text: string | RegExp): Promise<string>;
}

export interface TestCli {
  readonly claude: Simulator;
  readonly schema: string;
  /** A folder of the test's own, in which all processes run. */
  readonly folder: string;
  /** Starts the command line as people do. Variables set to "" count as not set. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  /** Runs it to its end: in a process of its own, but commands that run no thread in one process of the file. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts it on a terminal, which closes when the child is killed. What the terminal shows is stdout. */
  openTerminal(args: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  /** Runs any command in that process. */
  runInSession(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** On a terminal; the answers are typed one after the other, each when its question stands there. */
  onTerminal(
    args: readonly string[],
    typed: readonly Typed[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<Ended>;
}

/** What is typed at a question, or done elsewhere while it stands there. */
export type Typed = readonly [question: string, answer: string | ((screen: string) => Promise<unknown>)];

/** Commands that run no thread. */
const IN_SESSION = new Set([
  "agents",
  "cancel",
  "cost",
  "doctor",
  "draw",
  "history",
  "inbox",
  "list",
  "show",
]);

/** Real processes of the command line, a real Postgres schema and a real server in Claude's place. */
export function useCli(scenario: Partial<Scenario> = {}, latencyMs = 0): () => TestCli {
  const schema = useTestSchema();
  const session = useCliSession();
  let made: TestCli | undefined;
  beforeAll(async () => {
    const claude = await startSimulator({ scenario: parseScenario(scenario), latencyMs, apiKey: SECRET_KEY });
    const folder = await mkdtemp(join(tmpdir(), "decurion-cli-"));
    const base = {
      PATH: process.env["PATH"],
      HOME: folder,
      TMPDIR: process.env["TMPDIR"],
      TERM: "xterm-256color",
      SANDBOX: "off", // The same on every machine; test/attacks and the contract suites run with it.
      DATABASE_URL: testDatabaseUrl(),
      DATABASE_SCHEMA: schema,
      ANTHROPIC_API_KEY: SECRET_KEY,
      ANTHROPIC_BASE_URL: claude.url,
      TRUST_SERVERS: "true",
    };
    const launcher = join(PACKAGE_FOLDER, "src/cli/launch.mjs");
    const start: TestCli["start"] = (args, environment) =>
      watch(
        spawn(process.execPath, [launcher, ...args], {
          cwd: folder,
          env: { ...base, ...environment },
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
    const openTerminal: TestCli["openTerminal"] = (args, environment) => {
      const words = [process.execPath, launcher, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
      const child = spawn("script", ["-qec", `stty cols 100 rows 40; exec ${words.join(" ")}`, "/dev/null"], {
        cwd: folder,
        env: { ...base, ...environment },
        stdio: ["pipe", "pipe", "pipe"],
      });
      return watch(child);
    };
    const runInSession: TestCli["runInSession"] = (args, environment) =>
      session({ args, folder, environment: { ...base, ...environment } });
    made = {
      claude,
      folder,
      schema,
      start,
      openTerminal,
      run: (args, environment) =>
        IN_SESSION.has(args[0] ?? "") ? runInSession(args, environment) : start(args, environment).ended,
      runInSession,
      onTerminal: async (args, typed, environment) => {
        const running = openTerminal(args, environment);
        await typeAnswers(running.child, typed);
        return running.ended;
      },
    };
  });
  afterAll(async () => {
    await made?.claude.close();
    if (made) await rm(made.folder, { recursive: true, force: true });
  });
  return () => {
    if (!made) throw new Error("The command line can be used only while tests run.");
    return made;
  };
}

function watch(child: ChildProcess): Running {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const saying = (text: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (typeof text === "string" ? stderr.includes(text) : text.test(stderr)) resolve(stderr);
      };
      child.stderr?.on("data", look);
      child.once("close", () => reject(new Error(`The process ended without saying ${text}: ${stderr}`)));
      look();
    });
  return { child, ended, saying };
}

/** Types each answer when its question is on the screen. */
function typeAnswers(child: ChildProcess, typed: readonly Typed[]): Promise<void> {
  const left = [...typed];
  let screen = "";
  let readTo = 0;
  return new Promise((resolve, reject) => {
    child.once("close", () => reject(new Error(`It ended before it asked ${left[0]?.[0]}: ${screen}`)));
    child.stdout?.on("data", (text: string) => {
      screen += text;
      const [question, answer] = left[0] ?? [];
      const at = question === undefined ? -1 : screen.indexOf(question, readTo);
      if (question === undefined || answer === undefined || at < 0) return;
      readTo = at + question.length;
      left.shift();
      if (typeof answer === "string") child.stdin?.write(answer);
      else answer(screen).catch(reject);
      if (left.length === 0) resolve();
    });
  });
}
