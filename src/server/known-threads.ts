import { Client } from "@langchain/langgraph-sdk";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { findThread } from "../postgres/threads/threads.ts";
import { type ControlRoom, openEngineFor } from "./control-room.ts";

/** Threads that are remembered as seen to. */
const MOST_REMEMBERED = 10_000;

/**
 * The LangGraph server keeps a list of threads and runs of its own, beside Postgres. It answers 404 for a thread that is not
 * in its list, although its checkpoints are in Postgres; and after it was killed it takes the runs which it was at for running
 * still, and begins none of their threads' next ones. So a thread of ours is seen to when it is first asked for: it is put
 * into that list, and runs which nobody can be at any more are taken out. Then it can be opened and gone on with by its id.
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
        known.add(id); // Before the calls below, which come by here again.
        await seeTo(id, thread.graph, startedAtMs, await token());
      }
    }
    return next();
  };
}

async function seeTo(threadId: string, graphId: string, startedAtMs: number, token: string): Promise<void> {
  // Without an address the client calls the server that it is in, in this process.
  const client = new Client({ apiKey: token });
  await client.threads.create({ threadId, graphId, ifExists: "do_nothing" });
  const runs = await client.runs.list(threadId, { status: "running", limit: 100 });
  for (const { run_id: run, created_at: createdAt } of runs) {
    if (Date.parse(createdAt) < startedAtMs) await client.runs.delete(threadId, run);
  }
}
