import { join, resolve } from "node:path";
import { loadAgents } from "../agents/registry.ts";
import { stoppedError } from "../calls/call-error.ts";
import { CallsUnderWay } from "../calls/calls-under-way.ts";
import { createMessagesTransport } from "../calls/messages-transport.ts";
import type { Claude } from "../calls/purpose.ts";
import { createService, type Service } from "../calls/service.ts";
import { ChangeSignal } from "../domain/change-signal.ts";
import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import { ladderFrom } from "../domain/ladder.ts";
import { resolveModel } from "../domain/model.ts";
import type { PriceTable } from "../domain/price.ts";
import type { Thread } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { driversFor } from "../drivers/drivers.ts";
import type { PlanScope } from "../nodes/plan.ts";
import type { ActiveThread, Runtime } from "../nodes/runtime.ts";
import { StartLimiter } from "../nodes/start-limiter.ts";
import { releaseOrphans, sinceLastStart } from "../postgres/agent-coordination/executions.ts";
import { settleOrphanedCalls } from "../postgres/claude-calls/ledger.ts";
import type { Database } from "../postgres/database.ts";
import type { SessionLocks } from "../postgres/session-locks.ts";
import type { Slots } from "../postgres/slots.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import { ThreadTools } from "../tools/thread-tools.ts";
import { checkWorkspace, workspaceFolder } from "../tools/workspaces.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { type ToolScope, toolScope } from "./tool-scope.ts";

/** Folders that an engine reads. */
export interface Folders {
  /** The package itself: its own agents. */
  readonly package: string;
  /** The project that the agents work for; usually the current folder. */
  readonly project: string;
  /** The user's home, whose `.claude/agents` are loaded too. */
  readonly user: string | undefined;
}

/** Everything a process needs to run threads: opened once, closed at the end. */
export interface Engine extends Runtime {
  readonly config: Config;
  readonly folders: Folders;
  readonly prices: PriceTable;
  readonly database: Database;
  /** Aborted when the connection which holds the locks was lost: every run here must stop. */
  readonly lost: AbortSignal;
  /** Ends a run of the thread in this process, if there is one. */
  cancel(threadId: string): void;
  /** Aborted when a human cancelled the thread that is claimed here. */
  cancelled(threadId: string): AbortSignal;
  /** Claims the thread for one run; false while another run has it, in this process or elsewhere. */
  claim(threadId: string): Promise<boolean>;
  /** Makes a claimed thread known to the nodes until it is released. */
  activate(thread: Thread): Promise<ActiveThread>;
  release(threadId: string): Promise<void>;
  /** Begins nothing new from now on; what is under way is finished and recorded. */
  drain(): void;
  close(): Promise<void>;
}

/** What an engine is made of; `simulator` is started at the first thread that needs it. */
export interface EngineParts {
  readonly config: Config;
  readonly folders: Folders;
  readonly prices: PriceTable;
  readonly database: Database;
  readonly locks: SessionLocks;
  readonly slots: Slots;
  /** One for all threads of this process: the machine's memory is one. */
  readonly memoryGate: MemoryGate;
  readonly simulator: () => Promise<{ readonly url: string; close(): Promise<void> }>;
}

/** Puts an engine together from parts that are open; `close` closes them. */
export function createEngine(parts: EngineParts): Engine {
  const { config, folders, prices, database, locks } = parts;
  const claimed = new Map<string, AbortController>();
  const active = new Map<string, ActiveThread>();
  const services = createServices(parts);
  const draining = new AbortController();
  return {
    config,
    folders,
    prices,
    database,
    lost: locks.lost,
    thread: (threadId) => {
      const thread = active.get(threadId);
      if (thread) return thread;
      throw new UsageError(`Thread ${threadId} is not being run here: make its graph with workflow().`);
    },
    cancel: (threadId) => claimed.get(threadId)?.abort(new UsageError(`Thread ${threadId} was cancelled.`)),
    cancelled: (threadId) => claimed.get(threadId)?.signal ?? new AbortController().signal,
    claim: async (threadId) => {
      // The lock does not exclude two runs in one process: it is the connection that holds it.
      if (claimed.has(threadId)) return false;
      claimed.set(threadId, new AbortController());
      const isOurs = await locks.tryLock({ threadId, slot: 0 });
      if (!isOurs) claimed.delete(threadId);
      return isOurs;
    },
    activate: async (thread) => {
      const service = await services.for(thread);
      service.governor.lift();
      const made = await activeThread(parts, service, thread, draining.signal);
      await Promise.all([releaseOrphans(database, thread.id), settleOrphanedCalls(database, thread.id)]);
      active.set(thread.id, made);
      return made;
    },
    release: async (threadId) => {
      // A run that was stopped ends before its agents do: what they settle belongs to it.
      await Promise.allSettled(active.get(threadId)?.underWay ?? []);
      active.delete(threadId);
      claimed.delete(threadId);
      // With the connection lost the server has released the lock already.
      if (!locks.lost.aborted) await locks.unlock({ threadId, slot: 0 });
    },
    drain: () => draining.abort(stoppedError()),
    close: async () => {
      await services.close();
      await locks.close();
      await database.close();
    },
  };
}

async function activeThread(
  parts: EngineParts,
  service: Service,
  thread: Thread,
  draining: AbortSignal,
): Promise<ActiveThread> {
  const { config, database, folders, slots } = parts;
  const { id, options } = thread;
  const { maxTokens, insideAgent, dayBudgetUsd: dayUsd } = config;
  const home = resolve(folders.project, config.home);
  const scope = await planScope(parts, options);
  const claude: Claude = {
    service,
    database,
    maxTokens,
    insideAgent,
    draining,
    ceilings: { taskUsd: options.taskBudgetUsd ?? config.taskBudgetUsd, dayUsd },
    underWay: new CallsUnderWay(),
  };
  return {
    id,
    database,
    claude,
    options,
    slots,
    ...scope,
    agentMemoryMb: config.agentMemoryMb,
    memoryGate: parts.memoryGate,
    tools: new ThreadTools({
      options,
      folder: workspaceFolder(home, id),
      hidden: [home, resolve(folders.project, ".env")],
      sources: scope.toolSources,
    }),
    parallel: parallelOf(options, config),
    startLimiter: startLimiterOf(options, config, database, id),
    changes: new ChangeSignal(),
    underWay: new Set(),
  };
}

/** The conservative profile's two agents at once are the field report's. */
function parallelOf({ parallel, profile }: ThreadOptions, config: Config): number {
  const wanted = parallel ?? config.parallel;
  return profile === "conservative" ? Math.min(wanted, 2) : wanted;
}

function startLimiterOf(
  { batch, profile }: ThreadOptions,
  config: Config,
  database: Database,
  threadId: string,
): StartLimiter {
  return new StartLimiter({
    batch,
    delayMs: profile === "conservative" ? config.profileDelayMs : undefined,
    sinceLastStartMs: () => sinceLastStart(database, threadId),
    onBatchEnd: collectGarbage,
  });
}

/**
 * The agents that a run with these options has and how models are chosen for them: a task's own choice, else
 * the run's, else the agent file's, else the default.
 *
 * @throws UsageError for a folder that is missing, a model without a price or a package that is not installed.
 */
export async function planScope(
  { config, folders, prices }: Pick<EngineParts, "config" | "folders" | "prices">,
  options: ThreadOptions,
): Promise<PlanScope & ToolScope> {
  const agents = await loadAgents({
    projectDir: folders.project,
    builtinDir: join(folders.package, ".claude", "agents"),
    ...(options.agentsDir && { agentsDir: options.agentsDir }),
    ...(folders.user && { userDir: folders.user }),
  });
  const modelFor: PlanScope["modelFor"] = (taskModel, agent) => {
    const chosen = taskModel ?? options.model;
    const whose = chosen === undefined && agent.model !== undefined ? ` of agent "${agent.name}"` : "";
    return resolveModel(chosen ?? agent.model ?? config.model, config.aliases, prices, whose);
  };
  resolveModel(options.model ?? config.model, config.aliases, prices);
  const above = options.escalation === false ? [] : config.ladder;
  const escalation = above.map((name) => resolveModel(name, config.aliases, prices));
  const ladderFor: PlanScope["ladderFor"] = (taskModel, agent) =>
    ladderFrom(modelFor(taskModel, agent), escalation);
  const driverFor = driversFor({ config, folders, prices }, options);
  if (options.workspace !== undefined) {
    await checkWorkspace(options.workspace, resolve(folders.project, config.home));
  }
  const tools = await toolScope(config, folders.project, options);
  return { agents, modelFor, ladderFor, driverFor, allowCommands: config.allowCommands, ...tools };
}

/** Who answers a thread: what it began with, so that simulated and real answers never mix in one. */
function createServices(parts: EngineParts): {
  for(thread: Thread): Promise<Service>;
  close(): Promise<void>;
} {
  const { config, simulator } = parts;
  let real: Service | undefined;
  let simulated: Promise<{ service: Service; close(): Promise<void> }> | undefined;
  const startSimulated = async () => {
    const server = await simulator();
    const driver = createMessagesTransport({
      apiKey: "simulated",
      baseUrl: server.url,
      streamIdleMs: config.streamIdleMs,
    });
    return { service: createService(driver), close: () => server.close() };
  };
  return {
    for: async (thread) => {
      if (thread.simulated) {
        simulated ??= startSimulated();
        return (await simulated).service;
      }
      if (!config.apiKey) {
        throw new UsageError(
          `Thread ${thread.id} is answered by the Claude API: set ANTHROPIC_API_KEY to go on with it.`,
        );
      }
      const { apiKey, baseUrl, streamIdleMs } = config;
      real ??= createService(createMessagesTransport({ apiKey, baseUrl, streamIdleMs }));
      return real;
    },
    close: async () => {
      await simulated?.then((server) => server.close());
    },
  };
}
