import { resolve } from "node:path";
import { CallsUnderWay } from "../calls/calls-under-way.ts";
import type { Service } from "../calls/service.ts";
import { ChangeSignal } from "../domain/change-signal.ts";
import type { Config } from "../domain/config.ts";
import type { Thread } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { ActiveThread } from "../nodes/runtime.ts";
import { StartLimiter } from "../nodes/start-limiter.ts";
import { sinceLastStart } from "../postgres/agent-coordination/executions.ts";
import type { Database } from "../postgres/database.ts";
import type { Slots } from "../postgres/slots.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import { ThreadTools } from "../tools/thread-tools.ts";
import { Workspace } from "../tools/workspace.ts";
import { workspaceFolder } from "../tools/workspaces.ts";
import { openScope, type ScopeParts } from "./agent-scope.ts";
import { collectGarbage } from "./collect-garbage.ts";

/** The shared parts of all threads of an engine. */
export interface ThreadParts extends ScopeParts {
  readonly database: Database;
  readonly slots: Slots;
  /** One for all threads of this process, which share the machine's memory. */
  readonly memoryGate: MemoryGate;
}

/** An engine's signals for its threads. */
export interface EngineSignals {
  /** Aborted when nothing new may begin. */
  readonly draining: AbortSignal;
  readonly closed: AbortSignal;
}

/** Opens what the nodes of a thread need, with the thread's options. */
export async function openThread(
  parts: ThreadParts,
  thread: Thread,
  service: Service,
  { draining, closed }: EngineSignals,
): Promise<ActiveThread> {
  const { config, database, folders, slots } = parts;
  const { id, options } = thread;
  const home = resolve(folders.project, config.home);
  const folder = workspaceFolder(home, id);
  const { scope, toolSources, confinement } = await openScope(parts, options);
  return {
    id,
    options,
    database,
    scope,
    claude: {
      service,
      database,
      maxTokens: config.maxTokens,
      insideAgent: config.insideAgent,
      draining,
      ceilings: { taskUsd: options.taskBudgetUsd ?? config.taskBudgetUsd, dayUsd: config.dayBudgetUsd },
      underWay: new CallsUnderWay(),
    },
    openWorkspace: () => Workspace.open(options.workspace ?? folder, confinement.hides),
    tools: new ThreadTools({
      options,
      folder,
      hidden: confinement.hides,
      sources: toolSources,
    }),
    memory: { limitMb: config.agentMemoryMb, gate: parts.memoryGate },
    confinement,
    lanes: {
      parallel: parallelOf(options, config),
      slots,
      startLimiter: startLimiterOf(options, config, database, id),
      changes: new ChangeSignal(),
    },
    underWay: new Set(),
    closed,
  };
}

/** The conservative profile runs two agents in parallel, as the field report did. */
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
