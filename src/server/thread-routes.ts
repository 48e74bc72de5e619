import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { plainJson } from "../domain/json.ts";
import { isTerminal, THREAD_STATUSES } from "../domain/task.ts";
import { listTasks } from "../postgres/agent-coordination/tasks.ts";
import { requestsOf } from "../postgres/requests.ts";
import { pageOfThreads } from "../postgres/threads/list.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { viewThread } from "../postgres/threads/view.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import { cancelThread } from "../runs/cancel.ts";
import { forkThread } from "../runs/fork.ts";
import { historyOf } from "../runs/history.ts";
import { checkStart } from "../runs/preflight.ts";
import { refuseCodeInOptions } from "../runs/refuse-code.ts";
import { ApiProblem, readBody, readQuery } from "./api-problem.ts";
import type {
  CheckpointPage,
  TaskDetail,
  ThreadCancelled,
  ThreadDetail,
  ThreadPage,
  ThreadStarted,
} from "./api-types.ts";
import { type ControlRoom, goOn, graphOf, openEngineFor, runHere, threadOf } from "./control-room.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { requestViewOf, taskDetail } from "./views.ts";

const limitSchema = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const listSchema = z.object({
  limit: limitSchema(200, 50),
  cursor: z.string().max(200).optional(),
  status: z.enum(THREAD_STATUSES).optional(),
  q: z.string().trim().max(200).optional(),
});
const newThreadSchema = z.strictObject({
  graph: z.string(),
  input: z.string().trim().default(""),
  tasks: z.array(z.unknown()).optional(),
  options: threadOptionsSchema.default({}),
});
const forkSchema = z.strictObject({ checkpoint: z.string().min(1), fresh: z.boolean().default(false) });
const taskQuerySchema = z.object({ execution: z.string().max(200).optional() });
const historySchema = z.object({ limit: limitSchema(500, 100), before: z.uuid().optional() });

/** Lists, shows and starts threads. */
export function threadRoutes(room: ControlRoom): Hono {
  return new Hono()
    .get("/", async (context) => {
      const { limit, cursor, status, q } = readQuery(context, listSchema);
      const { database } = await openEngineFor(room);
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      const rows = await pageOfThreads(database, { status, words: q || undefined }, limit, after);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const cursorAfter = last ? encodeCursor(last) : null;
      return context.json({ threads: rows, cursor: cursorAfter } satisfies ThreadPage);
    })
    .post("/", async (context) => {
      const { graph: name, input, tasks, options } = await readBody(context, newThreadSchema);
      const graph = await graphOf(room, name);
      const engine = await openEngineFor(room);
      const { config, folders } = engine;
      refuseCodeInOptions(engine, options);
      const plan = tasks && { tasks };
      const planned = await checkStart(config, folders, { input, options, ...(plan && { plan }) });
      const thread = randomUUID();
      const given = { input, ...(planned && { currentTasks: plainJson(planned) }) };
      await runHere(room, graph, thread, given, options);
      return context.json({ thread } satisfies ThreadStarted, 202);
    })
    .get("/:id", async (context) => {
      const { id } = await threadOf(room, context);
      const { database } = await openEngineFor(room);
      const [thread, tasks, requests] = await Promise.all([
        viewThread(database, id),
        listTasks(database, id),
        requestsOf(database, id),
      ]);
      return context.json({
        thread,
        tasks,
        requests: requests.map((request) => requestViewOf(request)),
      } satisfies ThreadDetail);
    })
    .get("/:id/tasks/:task", async (context) => {
      const { id } = await threadOf(room, context);
      const { database } = await openEngineFor(room);
      const taskId = context.req.param("task");
      const { execution } = readQuery(context, taskQuerySchema);
      const detail = await taskDetail(database, { threadId: id, taskId, execution });
      if (!detail) throw new ApiProblem(404, `Thread ${id} has no task "${taskId}".`);
      return context.json(detail satisfies TaskDetail);
    })
    .get("/:id/history", async (context) => {
      const { id, graph } = await threadOf(room, context);
      const { limit, before } = readQuery(context, historySchema);
      const checkpoints = await historyOf(await graphOf(room, graph), id, limit, before);
      const last = checkpoints.length === limit ? (checkpoints.at(-1)?.id ?? null) : null;
      return context.json({ checkpoints, before: last } satisfies CheckpointPage);
    });
}

/** Resumes, cancels and forks a thread. */
export function threadActionRoutes(room: ControlRoom): Hono {
  return new Hono()
    .post("/:id/resume", async (context) => {
      const thread = await threadOf(room, context);
      if (isTerminal(thread.status)) {
        throw new ApiProblem(409, `Thread ${thread.id} has ended (${thread.status}): fork it to go on.`);
      }
      if (!(await goOn(room, thread))) {
        throw new ApiProblem(409, `Thread ${thread.id} waits for an answer: answer its requests first.`);
      }
      return context.json({ thread: thread.id } satisfies ThreadStarted, 202);
    })
    .post("/:id/cancel", async (context) => {
      const { id, status } = await threadOf(room, context);
      if (isTerminal(status))
        throw new ApiProblem(409, `Thread ${id} has ended (${status}): there is nothing to cancel.`);
      const engine = await openEngineFor(room);
      await cancelThread(engine, id);
      const now = await getThread(engine.database, id);
      return context.json({ thread: id, status: now.status } satisfies ThreadCancelled, 202);
    })
    .post("/:id/fork", async (context) => {
      const { id, graph: name } = await threadOf(room, context);
      const { checkpoint, fresh } = await readBody(context, forkSchema);
      const graph = await graphOf(room, name);
      await forkThread(await openEngineFor(room), graph, { threadId: id, checkpoint, fresh });
      await runHere(room, graph, id, null);
      return context.json({ thread: id } satisfies ThreadStarted, 202);
    });
}
