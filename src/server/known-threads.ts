import { Client } from "@langchain/langgraph-sdk";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { findThread } from "../postgres/threads/threads.ts";
import { type ControlRoom, openEngineFor } from "./control-room.ts";

/** The most remembered threads. */
const MOST_REMEMBERED = 10_000;

/**
 * Registers our threads with the LangGraph server, which has its own list of threads and runs besides Postgres. It answers 404
 * for a thread that is not in its list, although the checkpoints are in Postgres; and after a crash it still treats its old
 * runs as running, and starts no others in their threads. So the first request for a thread adds it to the list and deletes
 * its dead runs.
 */
export function knownThreads(room: ControlRoom, token: () => Promise<string>): MiddlewareHandler {
  const startedAtMs = Date.now();
  const known = new Set<string>();
  return async (context, next) => {
    const id = context.req.param("id") ?? "";
    if (!known.has(id) && z.uuid().safeParse(id).success) {
      const { database } = await openEngineFor(room);
      const thread = await findThread(database, id);
      if (thread) {
        if (known.size >= MOST_REMEMBERED) known.clear();
        known.add(id); // Before the calls below, which pass through here too.
        await register(id, thread.graph, startedAtMs, await token());
      }
    }
    return next();
  };
}

async function register(
  threadId: string,
  graphId: string,
  startedAtMs: number,
  token: string,
): Promise<void> {
  // Without a URL the client calls its own server in this process.
  const client = new Client({ apiKey: token });
  await client.threads.create({ threadId, graphId, ifExists: "do_nothing" });
  const runs = await client.runs.list(threadId, { status: "running", limit: 100 });
  for (const { run_id: run, created_at: createdAt } of runs) {
    if (Date.parse(createdAt) < startedAtMs) await client.runs.delete(threadId, run);
  }
}
