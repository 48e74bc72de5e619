import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { bundleTo } from "../src/cli/bundle.mjs";
import { ensureServer, stopServer } from "../src/postgres/server/ensure-server.ts";
import type { Measured, Work } from "./work.ts";

export const CONTESTANTS = ["sdk", "langgraph", "decurion"] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const NAMES: Readonly<Record<ContestantName, string>> = {
  sdk: "Anthropic SDK, limiter of ten",
  langgraph: "LangGraph, Postgres saver, Send",
  decurion: "Decurion",
};

/** Programs besides the contestants. */
const PROGRAMS = { overhead: "bench/parts/overhead-program.ts", window: "bench/parts/window-program.ts" };

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LAUNCHER = join(ROOT, "src/cli/launch.mjs");

/** So many tasks of so long, done in so many runs. */
export interface Load {
  readonly tasks: number;
  readonly latencyMs: number;
  readonly runs: number;
}

/** What contestants run against: a database, and servers that stand for Claude, one for each latency. */
export interface Lab {
  readonly isQuick: boolean;
  readonly site: Site;
  /** The address of the server that stands for Claude with this latency. */
  claudeUrl(latencyMs: number): Promise<string>;
  /** Runs one contestant in a process of its own, on a schema of its own. `bytes` is that schema's size. */
  run(name: ContestantName, load: Load, claudeUrl?: string): Promise<Measured & { bytes: number }>;
  /** Starts a program. Its work is that of `parallel` ten in the lab's database, unless it is given otherwise. */
  start(name: string, work: Partial<Work>): ChildProcessByStdio<null, Readable, null>;
  /** Counts the clients of the database meanwhile. */
  countingConnections<T>(work: () => Promise<T>): Promise<{ result: T; most: number }>;
  bytesOf(schema: string, table: string): Promise<number>;
  /** Milliseconds from starting the command to its first Claude request; the bundle and Postgres are warm. */
  firstRequestMs(): Promise<number>;
  withSchema<T>(measure: (schema: string) => Promise<T>): Promise<T>;
  /** The path of a file that is removed with the lab. */
  fileOf(name: string): string;
  close(): Promise<void>;
}

/** A database, and servers that stand for Claude. */
export interface Site {
  readonly databaseUrl: string;
  startSimulator(latencyMs: number, script?: string): Promise<{ url: string; child: ChildProcess }>;
}

const LOOK_MS = 50;

export async function openLab({ isQuick }: { readonly isQuick: boolean }): Promise<Lab> {
  const home = await mkdtemp(join(tmpdir(), "decurion-bench-"));
  const databaseUrl = process.env["DATABASE_URL"] ?? (await ensureServer({ directory: home })).url;
  const bundles = join(home, "bundles");
  const contestants = CONTESTANTS.map((name) => [name, `bench/contestants/${name}.ts`]);
  await bundleTo(ROOT, bundles, { ...Object.fromEntries(contestants), ...PROGRAMS });
  const simulators = new Map<number, Promise<{ url: string; child: ChildProcess }>>();
  const claudeUrl = async (latencyMs: number) => {
    const known = simulators.get(latencyMs) ?? startSimulator(latencyMs);
    simulators.set(latencyMs, known);
    return (await known).url;
  };
  let schemas = 0;
  const nextSchema = () => `bench_${process.pid}_${++schemas}`;
  const common = { tasks: 0, runs: 1, parallel: 10, root: ROOT, claudeUrl: "", databaseUrl, schema: "" };
  const workOf = (given: Partial<Work>): Work => ({ ...common, ...given });
  const startProgram: Lab["start"] = (name, work) =>
    spawn(process.execPath, [join(bundles, `${name}.mjs`), JSON.stringify(workOf(work))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  return {
    isQuick,
    site: { databaseUrl, startSimulator },
    claudeUrl,
    run: async (name, { tasks, latencyMs, runs }, url) => {
      const schema = nextSchema();
      const work = workOf({ tasks, runs, claudeUrl: url ?? (await claudeUrl(latencyMs)), schema });
      const flags = name === "decurion" ? await flagsOfGraph() : [];
      const measured = await runContestant([...flags, join(bundles, `${name}.mjs`)], work);
      return { ...measured, bytes: await sizeAndDrop(databaseUrl, schema) };
    },
    start: startProgram,
    countingConnections: (work) => countConnections(databaseUrl, work),
    bytesOf: (schema, table) => sizeOf(databaseUrl, schema, table),
    withSchema: async (measure) => {
      const schema = nextSchema();
      const measured = await measure(schema);
      await sizeAndDrop(databaseUrl, schema);
      return measured;
    },
    firstRequestMs: () => timeToFirstRequest(databaseUrl, `bench_${process.pid}_start`),
    fileOf: (name) => join(home, name),
    close: async () => {
      for (const simulator of simulators.values()) (await simulator).child.kill();
      await sizeAndDrop(databaseUrl, `bench_${process.pid}_start`);
      await stopServer(home);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The most clients of the database at a time, besides the one that counts. */
function countConnections<T>(
  databaseUrl: string,
  work: () => Promise<T>,
): Promise<{ result: T; most: number }> {
  return withClient(databaseUrl, async (client) => {
    let most = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        const { rows } = await client.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_stat_activity
           WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
        );
        most = Math.max(most, rows[0]?.count ?? 0);
        await sleep(LOOK_MS);
      }
    })();
    const result = await work().finally(() => {
      isOver = true;
    });
    await counting;
    return { result, most };
  });
}

function sizeOf(databaseUrl: string, schema: string, table: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT pg_total_relation_size(format('%I.%I', $1::text, $2::text)::regclass)::float8 AS bytes`,
      [schema, table],
    );
    return rows[0]?.bytes ?? Number.NaN;
  });
}

async function startSimulator(
  latencyMs: number,
  script?: string,
): Promise<{ url: string; child: ChildProcess }> {
  const options = ["--latency", String(latencyMs), ...(script === undefined ? [] : ["--script", script])];
  const child = spawn(process.execPath, [LAUNCHER, "simulator", ...options], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [url] = await once(createInterface({ input: child.stdout }), "line");
  return { url: String(url), child };
}

/** Node's flags of `npm run graph`: heap spaces that grow in small steps, for less memory at the same speed. */
async function flagsOfGraph(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  return String(scripts.graph)
    .split(" ")
    .filter((word) => word.startsWith("--"));
}

async function runContestant(program: readonly string[], work: Work): Promise<Measured> {
  const child = spawn(process.execPath, [...program, JSON.stringify(work)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program.at(-1)} ended with ${code}.`);
  return JSON.parse(printed);
}

function sizeAndDrop(databaseUrl: string, schema: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
      [schema],
    );
    await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
    return rows[0]?.bytes ?? 0;
  });
}

/** The command as people start it, through npm, against a server that only notes when it is asked. */
async function timeToFirstRequest(databaseUrl: string, schema: string): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const startedAt = performance.now();
  const child = spawn("npm", ["run", "-s", "graph", "--", "run", "orchestrate", "Compare a and b"], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      DATABASE_SCHEMA: schema,
      ANTHROPIC_API_KEY: "bench",
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    },
    stdio: "ignore",
    detached: true,
  });
  await once(server, "request");
  const ms = performance.now() - startedAt;
  const closed = once(child, "close");
  if (child.pid) process.kill(-child.pid, "SIGKILL");
  server.closeAllConnections();
  server.close();
  await closed;
  return ms;
}
