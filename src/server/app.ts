import { type Context, Hono } from "hono";
import { answerError } from "./api-problem.ts";
import { contextSchema } from "./context-schema.ts";
import type { ControlRoom } from "./control-room.ts";
import { eventRoutes } from "./event-routes.ts";
import { graphRoutes } from "./graph-routes.ts";
import { type Policy, refusalOf } from "./guard.ts";
import { knownThreads } from "./known-threads.ts";
import { pageRoutes, refuse } from "./page-routes.ts";
import { requestRoutes } from "./request-routes.ts";
import { threadActionRoutes, threadRoutes } from "./thread-routes.ts";

/** The parts of the app. */
export interface AppParts extends ControlRoom {
  readonly policy: () => Promise<Policy>;
  /** The folder of the built page. */
  readonly pageFolder: string;
}

/** No inline scripts, no foreign sources, no frames, so that text from agents stays text. */
const CONTENT_SECURITY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The control room: the page at `/control/`, its API below `/control/api`, and the guard for all routes that are mounted after
 * it, including LangGraph's.
 */
export function createApp(parts: AppParts): Hono {
  const api = new Hono()
    .route("/threads", threadRoutes(parts))
    .route("/threads", threadActionRoutes(parts))
    .route("/requests", requestRoutes(parts))
    .route("/graphs", graphRoutes(parts))
    .route("/", eventRoutes(parts))
    .all("*", (context) => context.json({ error: `There is no ${context.req.path}.` }, 404));
  api.onError((error, context) => answerError(error, context, parts.report));
  const known = knownThreads(parts, async () => (await parts.policy()).token);
  return new Hono()
    .use("/control/*", async (context, next) => {
      await next();
      context.header("content-security-policy", CONTENT_SECURITY);
      context.header("x-content-type-options", "nosniff");
      context.header("referrer-policy", "no-referrer");
      context.header("cross-origin-resource-policy", "same-origin");
      context.header("cache-control", isAsset(context) ? "private, max-age=31536000, immutable" : "no-store");
    })
    .use("*", async (context, next) => {
      const refusal = refusalOf(context.req.raw, await parts.policy());
      if (refusal) return refuse(context, refusal);
      return next();
    })
    .use("/assistants/:id/schemas", contextSchema(parts))
    .use("/threads/:id", known)
    .use("/threads/:id/*", known)
    .route("/control/api", api)
    .route("/", pageRoutes(parts.policy, parts.pageFolder));
}

/** Whether it is a file of the built page, whose name changes with its content. */
function isAsset({ req, res }: Context): boolean {
  return req.path.startsWith("/control/assets/") && res.status === 200;
}
