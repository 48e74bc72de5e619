import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";

/** A value for every setting that holds a secret, with characters that JSON and URLs escape. */
const CANARY = {
  ANTHROPIC_API_KEY: 'sk-ant-api03-"Kan4rie/Vogel+&=%\\A1b2C3d4E5f6',
  ANTHROPIC_AUTH_TOKEN: "auth-token-Kan4rie-b7d2e9f0a1c3",
  PGPASSWORD: "pg pass/wort Kan4rie+c8e3",
  HEADER: "custom-header-Kan4rie-d9f4a2b6",
  PROXY: "proxy-Kan4rie-e0a5b3c7d1",
};
const ENVIRONMENT = {
  ANTHROPIC_API_KEY: CANARY.ANTHROPIC_API_KEY,
  ANTHROPIC_AUTH_TOKEN: CANARY.ANTHROPIC_AUTH_TOKEN,
  ANTHROPIC_CUSTOM_HEADERS: `x-custom: ${CANARY.HEADER}`,
  HTTPS_PROXY: `http://user:${CANARY.PROXY}@proxy.invalid:1`,
  PGPASSWORD: CANARY.PGPASSWORD,
  OUTAGE_MINUTES: "0.01",
};

function base64Forms(value: string): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset, "u"), Buffer.from(value)]).toString("base64");
    return text.slice(4, Math.floor(text.length / 4) * 4 - 4);
  });
}

/** Every form in which a secret is looked for. A long one also in its halves. */
function formsOf(value: string): string[] {
  const half = Math.floor(value.length / 2);
  const plain = [value, value.slice(0, half), value.slice(half)];
  return plain.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text).toString("hex"),
    ...(text === value ? base64Forms(text) : []),
  ]);
}

function found(place: string, text: string): string[] {
  return Object.entries(CANARY).flatMap(([name, value]) =>
    formsOf(value)
      .filter((form) => text.includes(form))
      .map((form) => `${name} in ${place} as ${form}`),
  );
}

function keyOf({ headers }: Pick<IncomingMessage, "headers">): string {
  return String(headers["x-api-key"] ?? headers.authorization?.slice("Bearer ".length) ?? "");
}

/** Everything that a request says of its sender, in each form that a server could give it. */
function echoOf({ headers }: IncomingMessage): string {
  const key = keyOf({ headers });
  const forms = [
    key,
    key.slice(0, 24),
    encodeURIComponent(key),
    Buffer.from(`user:${key}`).toString("base64"),
  ];
  // An error keeps its first 300 characters.
  return `${forms.join(" ")} was sent with ${JSON.stringify(headers)}`;
}

const MODES: Record<string, (echo: string, key: string, response: ServerResponse) => void> = {
  "json 400": (echo, _, response) =>
    answer(response, 400, { type: "error", error: { type: "invalid_request_error", message: echo } }),
  "text 400": (echo, _, response) => void response.writeHead(400, { "content-type": "text/plain" }).end(echo),
  "json 401": (echo, _, response) =>
    answer(response, 401, { error: { message: echo, type: "authentication_error" } }),
  "page 500": (echo, _, response) =>
    void response.writeHead(500, { "content-type": "text/html" }).end(`<html><title>${echo}</title>`),
  "status text": (_, key, response) => void response.writeHead(400, key, { "request-id": key }).end(),
  "error in a stream": (echo, _, response) =>
    stream(response, {}, [{ type: "error", error: { type: "overloaded_error", message: echo } }]),
  "no message": (echo, _, response) => void response.writeHead(200).end(JSON.stringify({ said: echo })),
  answer: (echo, key, response) =>
    stream(response, { "request-id": key }, [
      {
        type: "message_start",
        message: { id: key, model: key, content: [], usage: { input_tokens: 5, output_tokens: 1 } },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: `Done. ${echo}` } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } },
      { type: "message_stop" },
    ]),
};

interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function stream(
  response: ServerResponse,
  headers: Record<string, string>,
  events: readonly StreamEvent[],
): void {
  response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text: string) => (body += text));
  request.on("end", () => {
    const mode = Object.keys(MODES).find((name) => body.includes(`mode ${name}`)) ?? "json 400";
    MODES[mode]?.(
      echoOf(request),
      String(request.headers["x-api-key"] ?? request.headers.authorization),
      response,
    );
  });
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const testCli = useCli();

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Every row of the schema as text; a checkpoint's bytes as they are. */
async function rowsOf(schema: string): Promise<[place: string, text: string][]> {
  const client = new pg.Client({ connectionString: testDatabaseUrl() });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE'",
      [schema],
    );
    const rows: [string, string][] = [];
    for (const { name } of tables) {
      const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
      const found = await client.query<Record<string, unknown>>(`SELECT * FROM ${table}`);
      for (const row of found.rows) {
        const bytes = Object.values(row).filter((value) => Buffer.isBuffer(value));
        rows.push([name, `${JSON.stringify(row)}${bytes.map((value) => value.toString("utf8")).join("")}`]);
      }
    }
    return rows;
  } finally {
    await client.end();
  }
}

describe("a server that echoes the key", () => {
  it.each(Object.keys(MODES))("puts it nowhere: %s", async (mode) => {
    const { stdout, stderr, code } = await testCli().start(
      ["run", "orchestrate", `@sydney-coder mode ${mode}`, "--no-synthesis", "--auto-approve", "--json"],
      { ...ENVIRONMENT, ANTHROPIC_BASE_URL: url },
    ).ended;

    expect(code, stderr).not.toBe(2);
    expect([...found("stdout", stdout), ...found("stderr", stderr)]).toEqual([]);
  });

  it("has left it in no row, no checkpoint and no file", async () => {
    const { schema, folder } = testCli();
    const rows = await rowsOf(schema);
    const files = await Promise.all(
      (await filesBelow(folder)).map(
        async (path): Promise<[string, string]> => [path, await readFile(path, "latin1")],
      ),
    );

    expect(new Set(rows.map(([table]) => table)).size).toBeGreaterThan(4);
    expect([...rows, ...files].flatMap(([place, text]) => found(place, text))).toEqual([]);
  });

  it("is not quoted by show, inbox, list and doctor", async () => {
    for (const words of [["list"], ["inbox"], ["doctor", "--online"]]) {
      const { stdout, stderr } = await testCli().start(words, { ...ENVIRONMENT, ANTHROPIC_BASE_URL: url })
        .ended;
      expect([...found("stdout", stdout), ...found("stderr", stderr)]).toEqual([]);
    }
  });
});

describe("a setting that no server can take", () => {
  const start = (environment: Record<string, string>) =>
    testCli().start(["run", "orchestrate", "@sydney-coder x", "--json"], environment).ended;

  it.each(["sk-ant-Kan4rie\nVogel-1234567890", "sk-ant-Kan4rieé-1234567890", "sk-ant Kan4rie"])(
    "a key with a character that no header holds ends the start, unquoted",
    async (key) => {
      const { code, stdout, stderr } = await start({ ANTHROPIC_API_KEY: key });
      expect(code).toBe(2);
      expect(stderr).toMatch(/ANTHROPIC_API_KEY: must be one line/);
      expect(`${stdout}${stderr}`).not.toMatch(/Kan4rie/);
    },
  );

  it.each(["http://user:Kan4rie-wort@127.0.0.1:1", "http://127.0.0.1:1/?key=Kan4rie-wort"])(
    "an address with a secret ends the start, unquoted: %s",
    async (address) => {
      const { code, stdout, stderr } = await start({ ANTHROPIC_BASE_URL: address });
      expect(code).toBe(2);
      expect(stderr.replaceAll(/\s+/g, " ")).toMatch(
        /ANTHROPIC_BASE_URL: must have no user, password or query/,
      );
      expect(`${stdout}${stderr}`).not.toMatch(/Kan4rie/);
    },
  );

  it.each([
    "postgresql://user:Kan4rie%2Fwort@127.0.0.1:1/db",
    "postgresql://127.0.0.1:1/db?user=u&password=Kan4rie%2Fwort",
    "postgresql:///db?host=/no/such/folder&user=u&password=Kan4rie%2Fwort",
    "postgresql://user:Kan4rie%2Fwort@%2Fno%2Fsuch/db",
  ])("a database that cannot be reached does not show its password: %s", async (database) => {
    const { code, stdout, stderr } = await start({ DATABASE_URL: database });
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).not.toMatch(/Kan4rie/);
  });
});
