import { listTasks } from "./agent-coordination/tasks.ts";
import type { Database } from "./database.ts";
import { findRequests, type HumanRequest, openRequests, requestsOf } from "./requests.ts";
import { changingThreads } from "./threads/list.ts";
import { viewThread } from "./threads/view.ts";

/** A row as a live feed tells of it. */
export interface WatchedRow {
  /** A later row with the same key takes its place. */
  readonly key: string;
  readonly row: unknown;
  /** Whether the feed of all threads asks for it again, to tell how it ends. */
  readonly isOpen?: boolean;
}

/** A table with rows of threads. */
export interface Table {
  readonly name: string;
  /** LangGraph's: its `thread_id` is a text and can be no foreign key, so prune deletes its rows. */
  readonly isLangGraphs?: boolean;
  /** What the live feed of a thread tells of it: the event's name, and all rows as they stand now. */
  readonly ofThread?: {
    readonly event: string;
    readonly look: (database: Database, threadId: string) => Promise<readonly WatchedRow[]>;
  };
  /** What the live feed of all threads tells of it: rows that may have changed, and those that were open at the last look. */
  readonly ofAll?: {
    readonly event: string;
    readonly look: (database: Database, openKeys: readonly string[]) => Promise<readonly WatchedRow[]>;
  };
}

/** How far back a look at all threads goes: further than the longest pause between two. */
const CHANGED_WITHIN_SECONDS = 30;
const MOST_THREADS = 200;

/**
 * Every table with rows of threads: a table is its migration, its file and its line here. All but LangGraph's point to their
 * thread by a foreign key that deletes their rows together with it.
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
