import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ThreadDetail, ThreadPage } from "../../src/server/api-types.ts";
import { useCli } from "../support/cli.ts";
import { askPort } from "../support/raw-request.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const REQUEST = "Compare three ways to shard a Postgres queue, with risks. Losing a job is worst.";
const testCli = useCli({
  faults: [{ kind: "stall", afterEvents: 2, when: { match: "get stuck", times: 1 } }],
});
let studio: Studio;
beforeAll(async () => {
  studio = await startStudio(testCli());
});
afterAll(() => studio?.stop());

const ask = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
  askPort(studio.port, method, path, headers, body);

const THREAD = "00000000-0000-4000-8000-000000000000";
const json = { "content-type": "application/json" };
const START = JSON.stringify({ assistant_id: "orchestrate", input: { input: "Spend my money" } });

/** Every route of the LangGraph server that does something, and ours. */
const ROUTES: readonly (readonly [string, string])[] = [
  ...(["/ok", "/info", `/threads/${THREAD}`, `/threads/${THREAD}/state`] as const).map(
    (p) => ["GET", p] as const,
  ),
  ...([`/threads/${THREAD}/history`, `/threads/${THREAD}/runs`, "/ui/orchestrate"] as const).map(
    (path) => ["GET", path] as const,
  ),
  ...(
    ["/threads", "/threads/search", `/threads/${THREAD}/runs`, `/threads/${THREAD}/runs/wait`] as const
  ).map((path) => ["POST", path] as const),
  ...(
    ["/runs", "/runs/wait", "/runs/stream", "/runs/batch", "/assistants", "/assistants/search"] as const
  ).map((path) => ["POST", path] as const),
  ...([`/threads/${THREAD}/state`, `/threads/${THREAD}/commands`, "/store/items/search"] as const).map(
    (path) => ["POST", path] as const,
  ),
  ["DELETE", `/threads/${THREAD}`],
  ["PATCH", `/threads/${THREAD}`],
  ["PUT", "/store/items"],
  ["POST", "/internal/truncate"],
  ...(["/control/", "/control/assets/x.js", "/control/api/threads", "/control/api/requests"] as const).map(
    (path) => ["GET", path] as const,
  ),
  ...(["/control/api/events", `/control/api/threads/${THREAD}/events`] as const).map(
    (p) => ["GET", p] as const,
  ),
  ...(["/control/api/threads", `/control/api/threads/${THREAD}/cancel`] as const).map(
    (p) => ["POST", p] as const,
  ),
  ["POST", "/control/api/requests/plan-1/answer"],
];

describe("every route", () => {
  it.each(ROUTES)("%s %s is closed without the token and to other names and sites", async (method, path) => {
    const body = method === "GET" ? "" : "{}";
    const given = method === "GET" ? {} : { ...json, "content-length": "2" };
    const token = { "x-api-key": studio.token };

    expect([401, 404]).toContain((await ask(method, path, given, body)).status);
    expect([401, 404]).toContain(
      (await ask(method, path, { ...given, "x-auth-scheme": "langsmith" }, body)).status,
    );
    const rebound = { ...given, ...token, host: `attacker.example:${studio.port}` };
    expect((await ask(method, path, rebound, body)).status).toBe(403);
    const foreign = { ...given, ...token, origin: "https://attacker.example" };
    expect((await ask(method, path, foreign, body)).status).toBe(403);
  });

  it("is closed to a browser's socket from another site, too", async () => {
    const socket = connect(studio.port, "127.0.0.1");
    socket.write(
      [
        `GET /threads/${THREAD}/stream/events HTTP/1.1`,
        `Host: 127.0.0.1:${studio.port}`,
        "Origin: https://attacker.example",
        ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      ].join("\r\n"),
    );
    const heard = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (piece) => (text += piece.toString()));
      socket.on("error", () => resolve(text)).on("close", () => resolve(text));
      socket.setTimeout(5000, () => socket.destroy());
    });
    expect(heard).not.toContain(" 101 ");
  });
});

describe("a page on another site", () => {
  it.each([
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["multipart/form-data; boundary=x", 415],
  ])("cannot start a run with a body of %s, not even with the token", async (type, status) => {
    for (const path of ["/runs/wait", "/runs", "/threads", "/control/api/threads"]) {
      const length = { "content-length": String(Buffer.byteLength(START)) };
      const simple = { "content-type": type, ...length, "x-api-key": studio.token };
      expect((await ask("POST", path, simple, START)).status).toBe(status);
      const crossSite = { ...simple, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
      expect((await ask("POST", path, crossSite, START)).status).toBe(403);
    }
    const { text } = await ask("GET", "/control/api/threads", { "x-api-key": studio.token });
    expect((JSON.parse(text) as ThreadPage).threads).toEqual([]);
    expect(testCli().claude.account().answers).toBe(0);
  });

  it("is not given leave by a preflight; Studio is", async () => {
    const preflight = (origin: string) =>
      ask("OPTIONS", "/threads", {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-api-key",
      });
    expect(
      (await preflight("https://attacker.example")).headers["access-control-allow-origin"],
    ).toBeUndefined();
    const studios = (await preflight("https://smith.langchain.com")).headers;
    expect(studios["access-control-allow-origin"]).toBe("https://smith.langchain.com");
    expect(studios["access-control-allow-headers"]).toContain("x-api-key");
    expect(studios["access-control-allow-credentials"]).toBeUndefined();
  });
});

describe("a body", () => {
  it("that is too large is refused before it is sent, and one without a length at all", async () => {
    const headers = { ...json, "x-api-key": studio.token };
    const large = { ...headers, "content-length": String(1024 ** 3), connection: "close" };
    const refused = await new Promise<string>((resolve) => {
      const lines = Object.entries({ host: "localhost", ...large }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      const socket = connect(studio.port, "127.0.0.1", () =>
        socket.write(`POST /threads HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`),
      );
      socket.once("data", (piece) => {
        socket.destroy();
        resolve(piece.toString());
      });
    });
    expect(refused).toMatch(/^HTTP\/1.1 413 /);
    const chunked = { ...headers, "transfer-encoding": "chunked" };
    expect((await ask("POST", "/threads", chunked, "{}")).status).toBe(411);
  });
});

describe("the page's files", () => {
  it.each([
    "/control/../package.json",
    "/control/%2e%2e/%2e%2e/%2e%2e/package.json",
    "/control/..%2f..%2fserver%2ftoken.ts",
    "/control/assets/..%2f..%2f..%2f..%2f.env",
    "/control/....//....//package.json",
    "/control/.hidden.js",
    "/control/%00index.html",
    "/control//etc/passwd",
  ])("%s leads nowhere", async (path) => {
    const { status, text } = await ask("GET", path, { "x-api-key": studio.token });
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/"name"|import|root:/);
  });

  it("come with a policy that runs nothing inline and nothing from elsewhere", async () => {
    const { status, headers, text } = await ask("GET", "/control/", { "x-api-key": studio.token });
    expect(status).toBe(200);
    expect(text).toContain("<html");
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cache-control"]).toBe("no-store");
    const script = /src="(\/control\/[^"]+\.js)"/.exec(text)?.[1] ?? "";
    const asset = await ask("GET", script, { "x-api-key": studio.token });
    expect(asset.headers["content-type"]).toContain("javascript");
    expect(asset.headers["cache-control"]).toBe("private, max-age=31536000, immutable");
    for (const [path, sent] of [
      ["/control/assets/none.js", { "x-api-key": studio.token }],
      [script, {}],
    ] as const) {
      const refused = await ask("GET", path, sent);
      expect([401, 404]).toContain(refused.status);
      expect(refused.headers["cache-control"] ?? "").not.toContain("max-age");
    }
  });
});

describe("the link of the login", () => {
  it("gives a cookie that no script reads and no other site sends, and it opens the page", async () => {
    const { status, headers } = await ask("GET", `/control/login?token=${studio.token}`);
    expect(status).toBe(303);
    expect(headers["location"]).toBe("/control/");
    const cookie = String(headers["set-cookie"]);
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const given = { cookie: cookie.split(";")[0] ?? "" };
    expect((await ask("GET", "/control/api/threads", given)).status).toBe(200);
    const written = { ...given, ...json, "content-length": "2" };
    expect((await ask("POST", "/threads/search", written, "{}")).status).toBe(401);
    const own = { ...written, origin: `http://127.0.0.1:${studio.port}` };
    expect((await ask("POST", "/threads/search", own, "{}")).status).toBe(200);
    expect(
      (await ask("GET", "/control/api/threads", { ...given, "sec-fetch-site": "same-site" })).status,
    ).toBe(403);
  });
});

describe("a server that is killed between a question and its answer", () => {
  it("takes the answer after it is started again, with the same token, and pays for nothing twice", async () => {
    const { claude } = testCli();
    const client = new Client({ apiUrl: studio.address, apiKey: studio.token });
    const { thread_id: thread } = await client.threads.create();
    await client.runs.wait(thread, "orchestrate", { input: { input: REQUEST } });
    const { token } = studio;
    const paidBefore = claude.bills().size;

    await studio.kill();
    studio = await startStudio(testCli(), studio.port);

    expect(studio.token).toBe(token);
    const get = async <T>(path: string): Promise<T> => {
      const { text } = await ask("GET", `/control/api/${path}`, { "x-api-key": token });
      return JSON.parse(text) as T;
    };
    const { requests } = await get<ThreadDetail>(`threads/${thread}`);
    const answer = JSON.stringify({ decision: { type: "approve" } });
    const headers = { ...json, "x-api-key": token, "content-length": String(answer.length) };
    const answered = await ask("POST", `/control/api/requests/${requests[0]?.id}/answer`, headers, answer);
    expect(JSON.parse(answered.text)).toMatchObject({ goesOn: true });
    const detail = () => get<ThreadDetail>(`threads/${thread}`);
    await expect.poll(async () => (await detail()).thread.status).toBe("completed");
    const { calls } = (await detail()).thread;
    expect(calls).toMatchObject({ unknown: 0, failed: 0 });
    expect(paidBefore).toBe(1);
    expect(claude.bills().size).toBe(calls.paid);
    const state = await client.threads.getState<{ verdict: string }>(thread);
    expect(state.values.verdict).toBe("completed");
  });
});

describe("a server that is killed while it runs a thread", () => {
  it("goes on with it by itself after it is started again, and pays only for what was under way", async () => {
    const { claude, folder } = testCli();
    const client = new Client({ apiUrl: studio.address, apiKey: studio.token });
    const { thread_id: thread } = await client.threads.create();
    const task = (id: string, prompt: string) => ({ id, agent: "sydney-coder", description: id, prompt });
    const currentTasks = [task("done", "write a haiku"), task("stuck", "get stuck")];
    const context = { autoApprove: ["plan"], parallel: 1, synthesis: false };
    const { run_id: run } = await client.runs.create(thread, "orchestrate", {
      input: { input: "two things", currentTasks },
      context,
    });
    await expect.poll(() => claude.account().faults["stall"]).toBe(1);
    const list = join(folder, "home/studio/.langgraph_api/.langgraphjs_ops.json");
    await expect.poll(() => readFile(list, "utf8")).toContain(run);

    await studio.kill();
    studio = await startStudio(testCli(), studio.port);
    const look = async () => {
      const { text } = await ask("GET", `/control/api/threads/${thread}`, { "x-api-key": studio.token });
      return JSON.parse(text) as ThreadDetail;
    };
    await expect.poll(async () => (await look()).thread.status).toBe("completed");

    const detail = await look();
    expect(detail.tasks.map(({ id, status }) => [id, status])).toEqual([
      ["done", "completed"],
      ["stuck", "completed"],
    ]);
    expect(detail.thread).toMatchObject({ status: "completed", calls: { paid: 2, unknown: 1 } });
  });
});

describe("somebody who tries tokens", () => {
  it("is stopped after ten, at the login and elsewhere; the right one is served all the while", async () => {
    const statuses: (number | undefined)[] = [];
    for (let number = 1; number <= 11; number++) {
      statuses.push((await ask("GET", `/control/login?token=${number}`)).status);
    }
    expect(statuses.slice(0, 9)).toEqual(Array(9).fill(401));
    expect(statuses.slice(9)).toEqual([429, 429]);
    const login = await ask("GET", `/control/login?token=${studio.token}`);
    expect(login.status).toBe(303);
    const wrong = await ask("GET", "/threads/x", { "x-api-key": "wrong" });
    expect(wrong.status).toBe(429);
    expect(Number(wrong.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask("GET", "/ok", { "x-api-key": studio.token })).status).toBe(200);
    expect(studio.said().split(studio.token), "the token is in two links, and never in the log").toHaveLength(
      3,
    );
  });
});
