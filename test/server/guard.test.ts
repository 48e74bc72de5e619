import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Policy, refusalOf, STUDIO_ORIGIN } from "../../src/server/guard.ts";
import { WrongTokens } from "../../src/server/wrong-tokens.ts";

const TOKEN = "a-token-of-43-characters-that-nobody-guesses";
const URL_OF_ALL = "http://127.0.0.1:2024/threads/search";
let nowMs = 0;
const policy = (settings: Partial<Policy> = {}): Policy => ({
  token: TOKEN,
  wrongTokens: new WrongTokens(() => nowMs),
  host: undefined,
  trustsStudio: false,
  ...settings,
});

function asked(headers: Record<string, string>, method = "POST", url = URL_OF_ALL, settings = {}) {
  const given = { host: "127.0.0.1:2024", ...headers };
  return refusalOf({ method, url, headers: new Headers(given) }, policy(settings))?.status ?? "served";
}

const withToken = { "x-api-key": TOKEN };
const withCookie = { cookie: `theme=dark; decurion_token=${TOKEN}` };
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
    ["Studio's origin and the token", { ...withToken, origin: STUDIO_ORIGIN }, "served"],
    ["Studio's origin without it", { origin: STUDIO_ORIGIN }, 401],
    ["Studio's origin and the cookie", { ...withCookie, origin: STUDIO_ORIGIN }, 401],
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

  it("comes from Studio without the token only where a person chose that", () => {
    const studio = { origin: STUDIO_ORIGIN, ...json };
    expect(asked(studio, "POST", URL_OF_ALL, { trustsStudio: true })).toBe("served");
    expect(asked({ ...studio, origin: "https://smith.langchain.com.attacker.example" }, "POST")).toBe(403);
    expect(asked({}, "POST", URL_OF_ALL, { trustsStudio: true })).toBe(401);
  });

  it("never reaches what the server keeps for its own tests", () => {
    expect(asked({ ...withToken, ...json }, "POST", "http://127.0.0.1:2024/internal/truncate")).toBe(404);
  });
});

describe("the cookie", () => {
  it.each([
    ["the page that reads", { "sec-fetch-site": "same-origin" }, "GET", "served"],
    ["a person who types the address", { "sec-fetch-site": "none" }, "GET", "served"],
    ["the page that writes", { origin: "http://127.0.0.1:2024" }, "POST", "served"],
    ["whoever writes and does not say from where", {}, "POST", 401],
    ["another port of this machine", { "sec-fetch-site": "same-site" }, "GET", 403],
  ])("of %s", (_, headers, method, expected) => {
    expect(asked({ ...withCookie, ...headers }, method)).toBe(expected);
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
        expect(asked({ cookie: `decurion_token=${token}`, origin: "http://127.0.0.1:2024" })).toBe(401);
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
