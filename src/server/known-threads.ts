import { Client } from "@langchain/langgraph-sdk";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { findThread } from "../postgres/threads.ts";
import { type ControlRoom, openEngineFor } from "./control-room.ts";

/** Threads that the list of the LangGraph server is known to have. */
const MOST_REMEMBERED = 10_000;

/**
 * The LangGraph server keeps a list of threads of its own, and answers 404 for one that is not in it although its
 * checkpoints are in Postgres. A thread of ours that somebody asks for is put into that list first, so that one which was
 * started elsewhere can be opened in Studio or by a client by its id.
 */
export function knownThreads(room: ControlRoom, token: () => Promise<string>): MiddlewareHandler {
  const known = new Set<string>();
  return async (context, next) => {
    const id = context.req.param("id") ?? "";
    if (!known.has(id) && z.uuid().safeParse(id).success) {
      const { database } = await openEngineFor(room);
      const thread = await findThread(database, id);
      if (thread) {
        // Without an address the client calls the server that it is in, in this process.
        const client = new Client({ apiKey: await token() });
        await client.threads.create({ threadId: id, graphId: thread.graph, ifExists: "do_nothing" });
        if (known.size >= MOST_REMEMBERED) known.clear();
        known.add(id);
      }
    }
    return next();
  };
}
