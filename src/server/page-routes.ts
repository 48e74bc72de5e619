import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { hostOf, LOGIN_PATH, type Policy, type Refusal, wrongToken } from "./guard.ts";
import { cookieName, SESSION_SECONDS } from "./sessions.ts";
import { readStaticFile } from "./static-files.ts";
import { isSameSecret } from "./token.ts";

/** The built page, and the login link for a browser. */
export function pageRoutes(policy: () => Promise<Policy>, folder: string): Hono {
  return new Hono()
    .get("/control", (context) => context.redirect("/control/"))
    .get(LOGIN_PATH, async (context) => logIn(context, await policy()))
    .get("/control/*", async (context) => {
      const path = context.req.path.slice("/control/".length) || "index.html";
      const file = await readStaticFile(folder, path);
      if (file) return context.body(file.content, 200, { "content-type": file.type });
      if (path === "index.html") return context.text(NOT_BUILT, 503);
      return context.text("There is no such page.", 404);
    });
}

const NOT_BUILT =
  'The control room\'s page is not built: run "npm run page". Its API at /control/api works without it.';

function logIn(context: Context, policy: Policy): Response {
  const token = context.req.query("token") ?? "";
  if (!isSameSecret(token, policy.token)) return refuse(context, wrongToken(policy));
  setCookie(context, cookieName(hostOf(context.req.raw)), policy.sessions.open(), {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    maxAge: SESSION_SECONDS,
  });
  return context.redirect("/control/", 303);
}

export function refuse(context: Context, { status, error, retryAfterSeconds }: Refusal): Response {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` };
  return context.json({ error }, status, headers);
}
