import type { HumanRequest } from "../domain/request.ts";
import { listTasks } from "./agent-coordination/tasks.ts";
import type { Database } from "./database.ts";
import { findRequests, openRequests, requestsOf } from "./requests.ts";
import { changingThreads } from "./threads/list.ts";
import { viewThread } from "./threads/view.ts";

/** A row for a live feed. */
export interface WatchedRow {
  /** A later row with the same key replaces it. */
  readonly key: string;
  readonly row: unknown;
  /** Whether the feed of all threads must read it again, to report its end. */
  readonly isOpen?: boolean;
}

/** A table with rows of threads. */
export interface Table {
  readonly name: string;
  /** A table of LangGraph: its `thread_id` is a text and cannot be a foreign key, so prune deletes its rows. */
  readonly isLangGraphs?: boolean;
  /** For the live feed of a thread: the event's name, and a query for all rows. */
  readonly ofThread?: {
    readonly event: string;
    readonly look: (database: Database, threadId: string) => Promise<readonly WatchedRow[]>;
  };
  /** For the live feed of all threads: the event's name, and a query for recent changes and the rows open at the last look. */
  readonly ofAll?: {
    readonly event: string;
    readonly look: (database: Database, openKeys: readonly string[]) => Promise<readonly WatchedRow[]>;
  };
}

/** The age of the changes in a look at all threads: more than the longest pause between two looks. */
const CHANGED_WITHIN_SECONDS = 30;
const MOST_THREADS = 200;

/**
 * Every table with rows of threads. A new table is a migration, a file and a line here. All tables but LangGraph's have a
 * foreign key to their thread that cascades.
 */
export const TABLES: readonly Table[] = [
  {
    name: "threads",
    ofThread: { event: "thread", look: async (database, id) => keyedById([await viewThread(database, id)]) },
    ofAll: {
      event: "threads",
      look: async (database) =>
        keyedById(await changingThreads(database, CHANGED_WITHIN_SECONDS, MOST_THREADS)),
    },
  },
  {
    name: "agent_coordination",
    ofThread: {
      event: "tasks",
      look: async (database, threadId) =>
        (await listTasks(database, threadId)).map((row) => ({ key: `${row.execution} ${row.id}`, row })),
    },
  },
  {
    name: "requests",
    ofThread: {
      event: "requests",
      look: async (database, threadId) => requestsAsked(await requestsOf(database, threadId)),
    },
    ofAll: {
      event: "requests",
      look: async (database, openKeys) => {
        const [open, known] = await Promise.all([openRequests(database), findRequests(database, openKeys)]);
        return requestsAsked([...open, ...known.filter(({ status }) => status !== "open")]);
      },
    },
  },
  { name: "claude_calls" },
  { name: "request_texts" },
  { name: "tool_calls" },
  { name: "task_attempts" },
  { name: "checkpoints", isLangGraphs: true },
  { name: "checkpoint_blobs", isLangGraphs: true },
  { name: "checkpoint_writes", isLangGraphs: true },
];

function keyedById(rows: readonly { readonly id: string }[]): WatchedRow[] {
  return rows.map((row) => ({ key: row.id, row }));
}

function requestsAsked(requests: readonly HumanRequest[]): WatchedRow[] {
  return requests.map((row) => ({ key: row.id, row, isOpen: row.status === "open" }));
}
