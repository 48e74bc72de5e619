import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Policy, refusalOf } from "../../src/server/guard.ts";
import { STUDIO_ORIGINS } from "../../src/server/origins.ts";
import { cookieName, createSessions, SESSION_SECONDS } from "../../src/server/sessions.ts";
import { WrongTokens } from "../../src/server/wrong-tokens.ts";

const TOKEN = "a-token-of-43-characters-that-nobody-guesses";
const URL_OF_ALL = "http://127.0.0.1:2024/threads/search";
let nowMs = 0;
const sessions = createSessions("a key", () => nowMs);
const policy = (settings: Partial<Policy> = {}): Policy => ({
  token: TOKEN,
  sessions,
  wrongTokens: new WrongTokens(() => nowMs),
  host: undefined,
  origins: STUDIO_ORIGINS,
  ...settings,
});

function asked(headers: Record<string, string>, method = "POST", url = URL_OF_ALL, settings = {}) {
  const given = { host: "127.0.0.1:2024", ...headers };
  return refusalOf({ method, url, headers: new Headers(given) }, policy(settings))?.status ?? "served";
}

const withToken = { "x-api-key": TOKEN };
const withCookie = { cookie: `theme=dark; decurion_2024=${sessions.open()}` };
const [STUDIO, STUDIO_OF_EUROPE] = STUDIO_ORIGINS;
const json = { "content-type": "application/json", "content-length": "2" };

describe("a request to any route", () => {
  it.each([
    ["the token as x-api-key", withToken, "served"],
    ["the token as Bearer", { authorization: `Bearer ${TOKEN}` }, "served"],
    ["no token", {}, 401],
    ["a wrong token", { "x-api-key": `${TOKEN}x` }, 401],
    ["an empty token", { "x-api-key": "" }, 401],
    ["a wrong token and the right one", { "x-api-key": "x", authorization: `Bearer ${TOKEN}` }, "served"],
    ["the word by which Studio is let in elsewhere", { "x-auth-scheme": "langsmith" }, 401],
    ["a name that points here from outside", { ...withToken, host: "attacker.example:2024" }, 403],
    ["a name that begins like ours", { ...withToken, host: "127.0.0.1.attacker.example" }, 403],
    ["localhost", { ...withToken, host: "localhost:2024" }, "served"],
    ["the IPv6 loopback", { ...withToken, host: "[::1]:2024" }, "served"],
    ["another site's origin", { ...withToken, origin: "https://attacker.example" }, 403],
    ["an origin that is hidden", { ...withToken, origin: "null" }, 403],
    ["another port's origin", { ...withToken, origin: "http://127.0.0.1:3000" }, 403],
    ["its own origin", { ...withToken, origin: "http://127.0.0.1:2024" }, "served"],
    ["Studio's origin and the token", { ...withToken, origin: STUDIO }, "served"],
    ["the origin of Studio in Europe and the token", { ...withToken, origin: STUDIO_OF_EUROPE }, "served"],
    ["an origin like Studio's", { ...withToken, origin: `${STUDIO}.attacker.example` }, 403],
    ["Studio's origin without it", { origin: STUDIO }, 401],
    ["Studio's origin and the cookie", { ...withCookie, origin: STUDIO }, 401],
    ["a browser's word that another site asks", { ...withToken, "sec-fetch-site": "cross-site" }, 403],
    ["a browser's word that another port asks", { ...withToken, "sec-fetch-site": "same-site" }, 403],
  ])("with %s", (_, headers, expected) => {
    expect(asked(headers)).toBe(expected);
    expect(asked(headers, "GET")).toBe(expected);
  });

  it.each([
    ["JSON", json, "served"],
    ["JSON with a character set", { ...json, "content-type": "Application/JSON; charset=utf-8" }, "served"],
    ["nothing", {}, "served"],
    ["plain text, which needs no leave of the browser", { ...json, "content-type": "text/plain" }, 415],
    ["a form", { ...json, "content-type": "application/x-www-form-urlencoded" }, 415],
    ["something it does not name", { "content-length": "2" }, 415],
    ["JSON that is named twice", { ...json, "content-type": "text/plain, application/json" }, 415],
    ["too much", { ...json, "content-length": "16777217" }, 413],
    ["a length that is none", { ...json, "content-length": "many" }, 413],
    ["no length at all", { ...json, "transfer-encoding": "chunked" }, 411],
  ])("that brings %s", (_, headers, expected) => {
    expect(asked({ ...withToken, ...headers })).toBe(expected);
  });

  it("is answered under one other name if that is configured", () => {
    const named = { ...withToken, host: "box.local:2024", origin: "http://box.local:2024" };
    expect(asked(named)).toBe(403);
    expect(asked(named, "POST", URL_OF_ALL, { host: "box.local" })).toBe("served");
  });

  it("comes from an allowed origin only with the token", () => {
    const page = { origin: "https://agents.example", ...json };
    expect(asked({ ...page, ...withToken })).toBe(403);
    const allowed = { origins: ["https://agents.example"] };
    expect(asked({ ...page, ...withToken }, "POST", URL_OF_ALL, allowed)).toBe("served");
    expect(asked(page, "POST", URL_OF_ALL, allowed)).toBe(401);
  });

  it.each([
    ["POST", "/internal/truncate", 404],
    ["POST", "/runs/crons", 404],
    ["GET", "/new-route-of-a-new-version", 404],
    ["DELETE", "/ok", 404],
    ["POST", "/%69nternal/truncate", 400],
    ["POST", "/%2569nternal/truncate", 400],
    ["POST", "//internal/truncate", 400],
    ["POST", "/x%2f..%2finternal/truncate", 400],
    ["POST", "/..%5cinternal/truncate", 400],
    ["GET", "/threads/%00", 400],
    ["GET", "/threads/%ff", 400],
    ["GET", "/control/api/threads?q=%00", 400],
    ["GET", "/control/api/threads?q=a%09b%0Ac", "served"],
    ["GET", "/control/api/threads/x/tasks/a%2Fb%20%25%20%C3%A4", "served"],
    ["HEAD", "/ok", "served"],
  ])("%s %s is %s", (method, path, expected) => {
    const given = method === "POST" ? json : {};
    expect(asked({ ...withToken, ...given }, method, `http://127.0.0.1:2024${path}`)).toBe(expected);
  });
});

describe("the cookie", () => {
  it.each([
    ["the page that reads", { "sec-fetch-site": "same-origin" }, "GET", "served"],
    ["a person who types the address", { "sec-fetch-site": "none" }, "GET", "served"],
    ["the page that writes", { origin: "http://127.0.0.1:2024" }, "POST", "served"],
    ["a program that writes and does not say from where", {}, "POST", 401],
    ["another port of this machine", { "sec-fetch-site": "same-site" }, "GET", 403],
  ])("of %s", (_, headers, method, expected) => {
    expect(asked({ ...withCookie, ...headers }, method)).toBe(expected);
  });

  it("is a session of one start and one port that ends, and not the token", () => {
    const get = (cookie: string) => asked({ cookie }, "GET", "http://127.0.0.1:2024/control/");
    const session = sessions.open();
    expect(get(`decurion_2024=${session}`)).toBe("served");
    expect(session).not.toContain(TOKEN);
    expect(session).not.toBe(sessions.open());
    expect(get(`decurion_2025=${session}`)).toBe(401);
    expect(get(`decurion_2024=${TOKEN}`)).toBe(401);
    expect(get(`decurion_2024=${createSessions("another key", () => nowMs).open()}`)).toBe(401);
    const [end = "", ...rest] = session.split(".");
    expect(get(`decurion_2024=${[`${Number(end) + 1}`, ...rest].join(".")}`)).toBe(401);
    nowMs += SESSION_SECONDS * 1000;
    expect(get(`decurion_2024=${session}`)).toBe(401);
    nowMs -= SESSION_SECONDS * 1000;
    expect(cookieName("localhost")).toBe("decurion_80");
  });

  it("is not needed to follow a link from elsewhere to the login, but for everything else", () => {
    const link = {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    const at = (path: string) => asked(link, "GET", `http://127.0.0.1:2024${path}`);
    expect(at("/control/login?token=x")).toBe("served");
    expect(at("/control/")).toBe(401);
    expect(at("/threads")).toBe(403);
    const framed = { ...link, "sec-fetch-dest": "iframe" };
    expect(asked(framed, "GET", "http://127.0.0.1:2024/control/")).toBe(403);
  });
});

describe("wrong tokens", () => {
  it("are looked at ten times a minute; the right one is served all the while", () => {
    const one = policy();
    const ask = (token: string) => {
      const headers = new Headers({ host: "localhost", "x-api-key": token });
      return refusalOf({ method: "GET", url: URL_OF_ALL, headers }, one);
    };
    nowMs = 1000;
    expect(Array.from({ length: 9 }, () => ask("x")?.status)).toEqual(Array(9).fill(401));
    expect(ask("x")).toMatchObject({ status: 429, retryAfterSeconds: 60 });
    expect(ask(TOKEN)).toBeUndefined();
    nowMs += 60_001;
    expect(ask("x")?.status).toBe(401);
  });

  it("are never the right one, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        const token = text.replaceAll(/[^\x21-\x7e]/g, "");
        fc.pre(token !== TOKEN);
        expect(asked({ "x-api-key": token })).toBe(401);
        expect(asked({ cookie: `decurion_2024=${token}`, origin: "http://127.0.0.1:2024" })).toBe(401);
      }),
    );
  });
});

it("a request that cannot be served is refused, never thrown at, whatever its headers are", () => {
  const names = [
    "host",
    "origin",
    "sec-fetch-site",
    "authorization",
    "cookie",
    "content-length",
    "content-type",
  ];
  const text = fc.string({ unit: "binary-ascii" }).map((value) => value.replaceAll(/[^\x20-\x7e]/g, ""));
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), text),
      fc.constantFrom("GET", "POST"),
      (headers, method) => {
        expect(asked(headers, method)).toBeTypeOf("number");
      },
    ),
  );
});
