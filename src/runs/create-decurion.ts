import { randomUUID } from "node:crypto";
import { END, START } from "@langchain/langgraph";
import type { DriverDescriptor } from "../attempts/driver.ts";
import { type Config, parseConfig } from "../domain/config.ts";
import type { TaskInput } from "../domain/task.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { claudeExecutor } from "../nodes/claude-executor.ts";
import { workflowState } from "../nodes/state.ts";
import { type WholeResult, wholeResult } from "../postgres/agent-coordination/thread-results.ts";
import { emptyGraph } from "./define-graph.ts";
import { drive } from "./drive.ts";
import { EngineHolder } from "./engine-holder.ts";
import { PACKAGE_FOLDER } from "./folders.ts";
import type { CompiledGraph } from "./graph.ts";
import { openEngine } from "./open-engine.ts";
import { type Report, reportThread } from "./report.ts";
import { workflow } from "./workflow.ts";

export interface DecurionOptions {
  /** Settings by the names in `.env.example`. The environment of the process is not used. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Settings by the names in `Config`; they override `env`. */
  readonly config?: Partial<Config>;
  /** The URL of a Postgres 14 or newer; it overrides both. Default: the project's own server, which is started. */
  readonly database?: string;
  /** More drivers besides the built-in ones. */
  readonly drivers?: readonly DriverDescriptor[];
  /** The project's folder, with its agents and `.decurion`; default: the current folder. */
  readonly project?: string;
  /** Receives a sentence when a step takes some time. */
  readonly onProgress?: (sentence: string) => void;
}

/** A single task. */
export interface RunTaskOptions extends Omit<TaskInput, "id" | "dependsOn"> {
  readonly id?: string;
  /** A UUID; default: a new one. */
  readonly threadId?: string;
  readonly options?: ThreadOptions;
  /** Stops the task; its thread can be resumed. */
  readonly signal?: AbortSignal;
}

/** A Decurion in your own program. One process can have several. */
export interface Decurion {
  /**
   * Makes a compiled graph, or one from `defineGraph`, a workflow of this Decurion. Its runs are threads:
   * `graph.invoke(input, { configurable: { thread_id: UUID }, context: options })`.
   */
  workflow<Graph extends CompiledGraph>(name: string, compiled: Graph): Graph;
  /**
   * Runs one task in its own thread.
   *
   * @returns the thread's report: `completed`, `waiting` for a human, or `failed`.
   */
  runTask(task: RunTaskOptions): Promise<Report>;
  /** A task's whole result; undefined when no task of this id has run in the thread. */
  resultOf(threadId: string, taskId: string): Promise<WholeResult | undefined>;
  /** A thread as `--json` prints it. @throws UsageError when there is no such thread. */
  report(threadId: string): Promise<Report>;
  /**
   * Stops the runs under way, whose threads can be resumed, and closes every connection and process that it opened. Every
   * other method, and every graph of this Decurion, throws a UsageError afterwards.
   */
  close(): Promise<void>;
}

/**
 * Creates a Decurion. Opens nothing before the first use.
 *
 * @throws UsageError that names every wrong setting, without its value.
 */
export function createDecurion(options: DecurionOptions = {}): Decurion {
  const { env = {}, database, drivers, project = process.cwd(), onProgress = () => undefined } = options;
  const config: Config = {
    ...parseConfig(env),
    ...options.config,
    ...(database !== undefined && { databaseUrl: database }),
  };
  const folders = { package: PACKAGE_FOLDER, project, user: undefined };
  const holder = new EngineHolder(() => openEngine(config, folders, onProgress, drivers));
  const report = async (threadId: string) => reportThread((await holder.engine()).database, threadId);
  return {
    workflow: (name, compiled) => {
      holder.checkOpen();
      return workflow(holder.engine, name, compiled);
    },
    runTask: async ({ threadId = randomUUID(), options: run = {}, signal, ...task }) => {
      const graph = workflow(holder.engine, "task", oneTask({ id: "task", ...task }));
      const never = new AbortController().signal;
      await drive(graph, { input: task.prompt }, { threadId, options: run, signal: signal ?? never });
      return report(threadId);
    },
    resultOf: async (threadId, taskId) => wholeResult((await holder.engine()).database, threadId, taskId),
    report,
    close: () => holder.close(),
  };
}

function oneTask(task: TaskInput) {
  return emptyGraph(workflowState)
    .addNode("task", claudeExecutor({ name: "task", tasks: () => [task] }))
    .addEdge(START, "task")
    .addEdge("task", END)
    .compile({ name: "task" });
}
