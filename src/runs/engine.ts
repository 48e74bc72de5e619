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
import { closedError } from "./closed-error.ts";
import { LeavingRuns } from "./leaving-runs.ts";

/** Everything that a process needs to run threads. Opened once, closed at the end. */
export interface Engine extends ScopeParts {
  readonly database: Database;
  /** The threads that this process runs. */
  readonly claims: Claims;
  readonly leaving: LeavingRuns;
  /** The id of the server that this process is, if it is one. */
  readonly server: string | undefined;
  /** Aborted by `drain`. */
  readonly draining: AbortSignal;
  /** The database for one run: it waits out all trouble of the server until the signal aborts. */
  holding(signal: AbortSignal): Database;
  /** Aborted when `close` begins: every run here must stop, with the signal's reason. */
  readonly closed: AbortSignal;
  /**
   * Opens what the nodes of a claimed thread need, after releasing the tasks and settling the calls of a dead process.
   *
   * @param database - the run's own, from `holding`.
   */
  activate(thread: Thread, database: Database): Promise<ActiveThread>;
  /** Waits for the thread's work under way, then releases its claim. */
  release(threadId: string): Promise<void>;
  /** From now on starts nothing new. Work under way finishes and is recorded. */
  drain(): void;
  close(): Promise<void>;
}

/** The parts of an engine. */
export interface EngineParts extends ThreadParts {
  readonly locks: SessionLocks;
  readonly claims: Claims;
  readonly server?: string | undefined;
  /** Called for the first simulated thread. */
  readonly startSimulator: StartSimulator;
}

/** Creates an engine from open parts. `close` closes them. */
export function createEngine(parts: EngineParts): Engine {
  const { config, folders, prices, drivers, database, locks } = parts;
  const { claims } = parts;
  const active = new Map<string, ActiveThread>();
  const services = createServices(config, parts.startSimulator);
  const draining = new AbortController();
  const closing = new AbortController();
  return {
    config,
    folders,
    prices,
    drivers,
    database,
    claims,
    leaving: new LeavingRuns(),
    server: parts.server,
    draining: draining.signal,
    holding: (signal) => heldDatabase(database, { signal, ready: (stop) => locks.ready(stop) }),
    closed: closing.signal,
    activate: async (thread, held) => {
      const service = await services.for(thread);
      service.governor.lift();
      const opened = await openThread({ ...parts, database: held }, thread, service, {
        draining: draining.signal,
        closed: closing.signal,
      });
      await Promise.all([releaseOrphans(held, thread.id), settleOrphanedCalls(held, thread.id)]);
      active.set(thread.id, opened);
      return opened;
    },
    release: async (threadId) => {
      // A stopped run ends before its agents, which still settle their calls.
      await Promise.allSettled(active.get(threadId)?.underWay ?? []);
      active.delete(threadId);
      // The close ends the connection that holds the claim.
      if (!closing.signal.aborted) await claims.release(threadId);
    },
    drain: () => draining.abort(stoppedError()),
    close: async () => {
      closing.abort(closedError());
      // Settles the calls under way. Does not wait for the runs, because the caller may be reading the stream of one.
      await Promise.allSettled([...active.values()].flatMap(({ underWay }) => [...underWay]));
      await services.close();
      await locks.close();
      await database.close();
    },
  };
}
