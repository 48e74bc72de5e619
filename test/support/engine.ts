import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { parseConfig } from "../../src/domain/config.ts";
import type { ProgressEvent } from "../../src/domain/event.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { drive, type Workflow } from "../../src/runs/drive.ts";
import type { Engine } from "../../src/runs/engine.ts";
import { type EngineHolder, hostEngine } from "../../src/runs/engine-holder.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { type Report, reportThread } from "../../src/runs/report.ts";
import type { RateLimits } from "../../src/simulator/rate-limits.ts";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { testDatabaseUrl, useTestSchema } from "./database.ts";
import { PACKAGE_FOLDER } from "./package-folder.ts";

export { PACKAGE_FOLDER };

export interface EngineSettings {
  /** Faults and answers of the server that stands for Claude. */
  readonly scenario?: Partial<Scenario>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly latencyMs?: number;
  readonly limits?: RateLimits;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly claude: Simulator;
  /** What the engine said of what takes a moment and of trouble. */
  readonly news: string[];
  /** Runs graph `orchestrate` in a thread until it ends or waits, and reports how it stands. */
  run(input: unknown, options?: ThreadOptions, threadId?: string): Promise<TestRun>;
  /** The same for any graph. */
  runGraph(graph: Workflow, input: unknown, options?: ThreadOptions, threadId?: string): Promise<TestRun>;
}

type TestRun = Report & { readonly events: readonly ProgressEvent[] };

/**
 * The engine of this test file's process, on a schema of its own, with a real HTTP server in Claude's place.
 *
 * @returns a function, because the engine is open only while tests run.
 */
export function useEngine(settings: EngineSettings = {}): () => TestEngine {
  const schema = useTestSchema();
  let made: TestEngine | undefined;
  let holder: EngineHolder | undefined;
  beforeAll(async () => {
    const scenario = parseScenario(settings.scenario ?? {});
    const claude = await startSimulator({
      scenario,
      latencyMs: settings.latencyMs ?? 0,
      limits: settings.limits ?? {},
    });
    const config = parseConfig({
      PATH: process.env["PATH"],
      SANDBOX: "off", // The same on every machine; test/attacks and the contract suites run with it.
      DATABASE_URL: testDatabaseUrl(),
      DATABASE_SCHEMA: schema,
      ANTHROPIC_API_KEY: "test-key",
      ANTHROPIC_BASE_URL: claude.url,
      TRUST_SERVERS: "true",
      ...settings.environment,
    });
    const folders = { package: PACKAGE_FOLDER, project: PACKAGE_FOLDER, user: undefined };
    const news: string[] = [];
    holder = hostEngine(() => openEngine(config, folders, (sentence) => news.push(sentence)));
    const engine = await holder.engine();
    made = {
      engine,
      claude,
      news,
      run: async (...args) => {
        const { graph } = await import("../../graphs/orchestrate.ts");
        return runGraph(engine, graph, ...args);
      },
      runGraph: (...args) => runGraph(engine, ...args),
    };
  });
  afterAll(async () => {
    await holder?.close();
    // The next file of this worker is a process that hosts none.
    Reflect.deleteProperty(globalThis, Symbol.for("decurion"));
    await made?.claude.close();
  });
  return () => {
    if (!made) throw new Error("The engine is open only while tests run.");
    return made;
  };
}

async function runGraph(
  engine: Engine,
  graph: Workflow,
  input: unknown,
  options: ThreadOptions = {},
  threadId: string = randomUUID(),
): Promise<TestRun> {
  const events: ProgressEvent[] = [];
  const onEvent = (event: ProgressEvent) => void events.push(event);
  const { signal } = new AbortController();
  await drive(graph, input, { threadId, options, signal, onEvent });
  return { ...(await reportThread(engine.database, threadId)), events };
}
