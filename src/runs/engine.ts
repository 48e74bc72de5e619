import { stoppedError } from "../calls/call-error.ts";
import type { Thread } from "../domain/thread.ts";
import type { ActiveThread } from "../nodes/runtime.ts";
import { releaseOrphans } from "../postgres/agent-coordination/executions.ts";
import { settleOrphanedCalls } from "../postgres/claude-calls/ledger.ts";
import type { Database } from "../postgres/database.ts";
import { heldDatabase } from "../postgres/held-database.ts";
import type { SessionLocks } from "../postgres/session-locks.ts";
import { openThread, type ThreadParts } from "./active-thread.ts";
import type { ScopeParts } from "./agent-scope.ts";
import { createServices, type StartSimulator } from "./answering.ts";
import type { Claims } from "./claims.ts";

/** Everything a process needs to run threads: opened once, closed at the end. */
export interface Engine extends ScopeParts {
  readonly database: Database;
  /** The threads that this process runs. */
  readonly claims: Claims;
  /** The database for one run: it waits out all trouble of the server, until the signal aborts. */
  holding(signal: AbortSignal): Database;
  /**
   * Makes all that the nodes of a claimed thread need. What a dead process left half done is set right first.
   *
   * @param database - the run's own, from `holding`.
   */
  activate(thread: Thread, database: Database): Promise<ActiveThread>;
  /** Waits for what the thread still has under way, then gives its claim back. */
  release(threadId: string): Promise<void>;
  /** Begins nothing new from now on; what is under way is finished and recorded. */
  drain(): void;
  close(): Promise<void>;
}

/** What an engine is made of. */
export interface EngineParts extends ThreadParts {
  readonly locks: SessionLocks;
  readonly claims: Claims;
  /** Called at the first thread that needs it. */
  readonly startSimulator: StartSimulator;
}

/** Puts an engine together from parts that are open; `close` closes them. */
export function createEngine(parts: EngineParts): Engine {
  const { config, folders, prices, drivers, database, locks } = parts;
  const { claims } = parts;
  const active = new Map<string, ActiveThread>();
  const services = createServices(config, parts.startSimulator);
  const draining = new AbortController();
  return {
    config,
    folders,
    prices,
    drivers,
    database,
    claims,
    holding: (signal) => heldDatabase(database, { signal, ready: (stop) => locks.ready(stop) }),
    activate: async (thread, held) => {
      const service = await services.for(thread);
      service.governor.lift();
      const opened = await openThread({ ...parts, database: held }, thread, service, draining.signal);
      await Promise.all([releaseOrphans(held, thread.id), settleOrphanedCalls(held, thread.id)]);
      active.set(thread.id, opened);
      return opened;
    },
    release: async (threadId) => {
      // A run that was stopped ends before its agents do: what they settle belongs to it.
      await Promise.allSettled(active.get(threadId)?.underWay ?? []);
      active.delete(threadId);
      await claims.release(threadId);
    },
    drain: () => draining.abort(stoppedError()),
    close: async () => {
      await services.close();
      await locks.close();
      await database.close();
    },
  };
}
