import { Hono } from "hono";
import { z } from "zod";
import { parseDecision } from "../domain/decision.ts";
import { ThreadBusyError, UsageError } from "../domain/errors.ts";
import type { HumanRequest } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import { findRequests, openRequests } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { recordAnswer } from "../runs/answer.ts";
import { ApiProblem, readBody, readQuery } from "./api-problem.ts";
import type { Answered, RequestList } from "./api-types.ts";
import { type ControlRoom, goOn, openEngineFor } from "./control-room.ts";
import { requestViewOf } from "./views.ts";

const answerSchema = z.strictObject({ decision: z.unknown() });

/** Lists the open requests, and records answers. */
export function requestRoutes(room: ControlRoom): Hono {
  return new Hono()
    .get("/", async (context) => {
      const { thread } = readQuery(context, z.object({ thread: z.uuid().optional() }));
      const { database } = await openEngineFor(room);
      const requests = await openRequests(database, thread);
      return context.json({
        requests: requests.map((request) => requestViewOf(request)),
      } satisfies RequestList);
    })
    .post("/:id/answer", async (context) => {
      const id = context.req.param("id");
      const { decision } = await readBody(context, answerSchema);
      const engine = await openEngineFor(room);
      const { database } = engine;
      const asked = await existing(database, id);
      try {
        await recordAnswer(engine, id, parseDecision(decision, id), { by: room.user, via: "page" });
      } catch (error) {
        const isLate = error instanceof UsageError && (await existing(database, id)).status !== "open";
        throw isLate ? new ApiProblem(409, error.message) : error;
      }
      const goesOn = await goesOnWith(room, database, asked.threadId);
      const request = requestViewOf(await existing(database, id));
      return context.json({ request, goesOn } satisfies Answered);
    });
}

async function existing(database: Database, id: string): Promise<HumanRequest> {
  const [row] = await findRequests(database, [id]);
  if (row) return row;
  throw new ApiProblem(404, `There is no request "${id}".`);
}

/** Resumes the thread. @returns whether it continues, here or in another process. */
async function goesOnWith(room: ControlRoom, database: Database, threadId: string): Promise<boolean> {
  try {
    return await goOn(room, await getThread(database, threadId));
  } catch (error) {
    if (error instanceof ThreadBusyError) return true;
    throw error;
  }
}
