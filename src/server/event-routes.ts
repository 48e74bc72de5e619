import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { messageOf } from "../domain/errors.ts";
import { type ControlRoom, openEngineFor, threadOf } from "./control-room.ts";
import type { Feed } from "./feed.ts";
import { Feeds } from "./feeds.ts";

/** The interval of keep-alive comments. */
const ALIVE_MS = 15_000;

/** Live feeds as server-sent events. */
export function eventRoutes(room: ControlRoom): Hono {
  const feeds = new Feeds(async () => (await openEngineFor(room)).database);
  return new Hono()
    .get("/events", async (context) => {
      await openEngineFor(room);
      return send(room, context, feeds.ofAll());
    })
    .get("/threads/:id/events", async (context) => {
      const { id } = await threadOf(room, context);
      return send(room, context, feeds.ofThread(id));
    });
}

/** Streams a feed. A slow reader gets no backlog: it gets the current state when it reads again. */
function send({ report }: ControlRoom, context: Context, feed: Feed): Response {
  const ended = new AbortController();
  return streamSSE(
    context,
    async (stream) => {
      stream.onAbort(() => ended.abort());
      await stream.write(": hello\n\n");
      const alive = setInterval(() => void stream.write(": alive\n\n"), ALIVE_MS);
      try {
        for await (const { event, data, id } of feed.read(
          context.req.header("last-event-id"),
          ended.signal,
        )) {
          const shown = event === "thread" ? data[0] : data;
          await stream.writeSSE({ event, data: JSON.stringify(shown), ...(id !== undefined && { id }) });
        }
      } finally {
        clearInterval(alive);
      }
    },
    async (error) => {
      report(`A live feed ended: ${messageOf(error)}`); // The client reconnects.
    },
  );
}
