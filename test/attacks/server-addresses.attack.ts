import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { askPort, statusOfBytes } from "../support/raw-request.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const testCli = useCli();
let studio: Studio;
beforeAll(async () => {
  studio = await startStudio(testCli(), undefined, { ALLOWED_ORIGINS: "https://agents.example" });
});
afterAll(() => studio?.stop());

const json = { "content-type": "application/json", "content-length": "2" };
const ask = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
  askPort(studio.port, method, path, headers, body);

/** Sends the path as it stands here, as no client library does. */
function statusOf(target: string): Promise<number> {
  const lines = [`POST ${target.replace("TOKEN", studio.token)} HTTP/1.1`, `Host: 127.0.0.1:${studio.port}`];
  const more = [`x-api-key: ${studio.token}`, "content-type: application/json", "content-length: 2"];
  return statusOfBytes(studio.port, `${[...lines, ...more].join("\r\n")}\r\n\r\n{}`);
}

describe("LangGraph's internal routes stay closed to the token's owner, however their address is written", () => {
  it.each([
    "/internal/truncate",
    "/Internal/truncate",
    "/%69nternal/truncate",
    "/%2569nternal/truncate",
    "/internal%2ftruncate",
    "//internal/truncate",
    "/./internal/truncate",
    "/threads/../internal/truncate",
    "/%2e%2e/internal/truncate",
    "/%2e/internal/truncate",
    "/threads/%2e%2e/internal/truncate",
    "/threads/..%2finternal/truncate",
    "\\internal\\truncate",
    "/\\internal/truncate",
    "/threads\\..\\internal/truncate",
    "/threads/..%5cinternal/truncate",
    "/t/TOKEN/internal/truncate",
    "/t/TOKEN/../internal/truncate",
    "/t/TOKEN//internal/truncate",
    "/t/TOKEN/%69nternal/truncate",
    "/t/TOKEN/t/TOKEN/internal/truncate",
    "/internal/truncate/",
    "/internal/truncate;x",
    "/internal/truncate%00",
    "/internal/truncate#x",
    "http://127.0.0.1/internal/truncate",
    "/runs/crons",
  ])("POST %s", async (target) => {
    expect([400, 404]).toContain(await statusOf(target));
  });
});

describe("an address that Postgres or a router would stumble over", () => {
  it.each([
    "/control/api/threads?q=%00",
    "/control/api/threads?q=a%00b",
    "/control/api/threads?status=%00&limit=1",
    "/control/api/threads/%00",
    "/control/api/threads/%0a",
    "/control/api/threads/%ff",
    "/control/api/threads/%",
    "/control/api/requests/%00/answer",
    "/threads/%00/state",
  ])("%s is refused with a sentence", async (path) => {
    const { status, text } = await ask("GET", path, { "x-api-key": studio.token });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({ error: expect.stringMatching(/^The address can be read .*\.$/) });
  });

  it("of a task with a slash, a percent sign and an umlaut in its id is served", async () => {
    const { thread } = JSON.parse(
      (await testCli().run(["run", "orchestrate", "@sydney-coder write a haiku", "--auto-approve", "--json"]))
        .stdout,
    );
    const path = `/control/api/threads/${thread}/tasks/${encodeURIComponent("100 % of a/b: ä")}`;
    const { status, text } = await ask("GET", path, { "x-api-key": studio.token });
    expect(status).toBe(404);
    expect(text).toContain("100 % of a/b: ä");
  });
});

describe("a name that an attacker lets point to this machine", () => {
  it.each(["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "2130706433"])(
    "%s is refused with the token, in the header and in the path",
    async (name) => {
      const host = `${name}:${studio.port}`;
      expect((await ask("GET", "/ok", { host, "x-api-key": studio.token })).status).toBe(403);
      expect((await ask("GET", `/t/${studio.token}/ok`, { host })).status).toBe(403);
    },
  );
});

describe("the token in the path", () => {
  it("opens every route, replaces a key in the header, and a wrong one opens none", async () => {
    const path = (token: string) => `/t/${token}/threads/search`;
    const given = { ...json, "x-api-key": "lsv2_a-key-of-studio", authorization: "Bearer x" };
    expect((await ask("POST", path(studio.token), given, "{}")).status).toBe(200);
    expect((await ask("POST", path("wrong"), { ...json, "x-api-key": studio.token }, "{}")).status).toBe(401);
    expect((await ask("POST", path(""), json, "{}")).status).toBe(400);
    expect((await ask("GET", `/t/${studio.token}`)).status).toBe(404);
  });

  it("lets in no page of an origin that is not allowed, and the control room only from its own", async () => {
    const from = (origin: string, path = "/threads/search") =>
      ask("POST", `/t/${studio.token}${path}`, { ...json, origin, "sec-fetch-site": "cross-site" }, "{}");
    expect((await from("https://attacker.example")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    for (const origin of [
      "https://smith.langchain.com",
      "https://eu.smith.langchain.com",
      "https://agents.example",
    ]) {
      const { status, headers } = await from(origin);
      expect(status).toBe(200);
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
  });

  it("is not needed for the question of a browser whether a page may call this machine", async () => {
    const preflight = (origin: string) =>
      ask("OPTIONS", "/t/x/threads", {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-auth-scheme",
        "access-control-request-private-network": "true",
      });
    const allowed = await preflight("https://smith.langchain.com");
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": "https://smith.langchain.com",
      "access-control-allow-private-network": "true",
      "access-control-allow-headers": "content-type,x-auth-scheme",
    });
    const refused = await preflight("https://attacker.example");
    expect(Object.keys(refused.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect((await ask("OPTIONS", "/threads")).status).toBe(204);
  });

  it("opens a socket, too, and a wrong one does not", async () => {
    const upgrade = (token: string, origin: string) =>
      statusOfBytes(
        studio.port,
        [
          `GET /t/${token}/threads/00000000-0000-4000-8000-000000000000/stream/events HTTP/1.1`,
          `Host: 127.0.0.1:${studio.port}`,
          `Origin: ${origin}`,
          ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ].join("\r\n"),
      );
    expect(await upgrade(studio.token, "https://agents.example")).toBe(101);
    expect(await upgrade("wrong", "https://agents.example")).toBe(401);
    expect(await upgrade(studio.token, "https://attacker.example")).toBe(403);
  });

  it("is in no line of the log", async () => {
    await ask("GET", `/t/${studio.token}/ok`);
    await ask("GET", `/t/${studio.token}/nothing?token=${studio.token}`);
    await ask("GET", `/control/login?token=${studio.token}`);
    await expect.poll(() => studio.said()).toContain("/control/login");
    expect(studio.said().split(studio.token), "in the two links of the start").toHaveLength(3);
  });
});

describe("the cookie of the page", () => {
  const cookieOf = async () => {
    const { headers } = await ask("GET", `/control/login?token=${studio.token}`);
    return String(headers["set-cookie"]);
  };

  it("is a session and not the token, which a program on another port would see", async () => {
    const cookie = await cookieOf();
    expect(cookie).toMatch(
      new RegExp(`^decurion_${studio.port}=[\\w.-]+; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`),
    );
    expect(cookie).not.toContain(studio.token);
    const value = /=([^;]+)/.exec(cookie)?.[1] ?? "";
    expect((await ask("GET", "/control/", { cookie: `decurion_${studio.port}=${value}` })).status).toBe(200);
    expect((await ask("GET", "/threads/x", { "x-api-key": value })).status).toBe(401);
    expect((await ask("GET", `/t/${value}/ok`)).status).toBe(401);
    const token = `decurion_${studio.port}=${studio.token}`;
    expect((await ask("GET", "/control/", { cookie: token })).status).toBe(401);
  });

  it("ends with the server that gave it", async () => {
    const cookie = (await cookieOf()).split(";")[0] ?? "";
    expect((await ask("GET", "/control/", { cookie })).status).toBe(200);
    await studio.stop();
    studio = await startStudio(testCli(), studio.port);
    expect((await ask("GET", "/control/", { cookie })).status).toBe(401);
  });
});
