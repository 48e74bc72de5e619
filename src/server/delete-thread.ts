import { resolve } from "node:path";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { deleteThread } from "../postgres/threads/prune.ts";
import { findThread } from "../postgres/threads/threads.ts";
import { removeFolders } from "../runs/remove-folders.ts";
import { type ControlRoom, openEngineFor } from "./control-room.ts";

/**
 * Deletes what a thread owns before the LangGraph server deletes it from its own list: rows, checkpoints, workspace and
 * session folders. Refuses a thread that a process runs.
 */
export function deletesThread(room: ControlRoom): MiddlewareHandler {
  return async (context, next) => {
    const id = context.req.param("id") ?? "";
    const engine = await openEngineFor(room);
    const { claims, config, database, folders } = engine;
    const thread = z.uuid().safeParse(id).success ? await findThread(database, id) : undefined;
    if (!thread) return next();
    if (!(await claims.claim(thread.id))) {
      return context.json({ error: `Thread ${thread.id} is running: cancel it first.` }, 409);
    }
    try {
      await deleteThread(database, thread.id);
      await removeFolders(resolve(folders.project, config.home), [thread.id]);
    } finally {
      await engine.release(thread.id);
    }
    return next();
  };
}
