import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { bundleTo } from "../src/cli/bundle.mjs";
import { ensureServer, stopServer } from "../src/postgres/server/ensure-server.ts";
import type { Measured, Work } from "./work.ts";

export const CONTESTANTS = ["sdk", "langgraph", "decurion"] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

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
  /** Runs one contestant in a process of its own, on a schema of its own. `bytes` is that schema's size. */
  run(name: ContestantName, load: Load): Promise<Measured & { bytes: number }>;
  /** Milliseconds from starting the command to its first Claude request; the bundle and Postgres are warm. */
  firstRequestMs(): Promise<number>;
  /** Where further measurements are made, each on a schema of its own. */
  readonly site: Site;
  withSchema<T>(measure: (schema: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A database, the contestants' programs, and servers that stand for Claude. */
export interface Site {
  readonly databaseUrl: string;
  programOf(name: string): string;
  startSimulator(latencyMs: number): Promise<{ url: string; child: ChildProcess }>;
}

export async function openLab(): Promise<Lab> {
  const home = await mkdtemp(join(tmpdir(), "decurion-bench-"));
  const databaseUrl = process.env["DATABASE_URL"] ?? (await ensureServer({ directory: home })).url;
  const bundles = join(home, "bundles");
  const entries = [
    ...CONTESTANTS.map((name) => [name, `bench/contestants/${name}.ts`]),
    ["overhead", "bench/guarantees/overhead-program.ts"],
  ];
  await bundleTo(ROOT, bundles, Object.fromEntries(entries));
  const simulators = new Map<number, Promise<{ url: string; child: ChildProcess }>>();
  const simulatorFor = (latencyMs: number) => {
    const known = simulators.get(latencyMs) ?? startSimulator(latencyMs);
    simulators.set(latencyMs, known);
    return known;
  };
  let schemas = 0;
  return {
    run: async (name, { tasks, latencyMs, runs }) => {
      const schema = `bench_${process.pid}_${++schemas}`;
      const { url } = await simulatorFor(latencyMs);
      const work: Work = { tasks, runs, parallel: 10, root: ROOT, claudeUrl: url, databaseUrl, schema };
      const flags = name === "decurion" ? await flagsOfGraph() : [];
      const measured = await runContestant([...flags, join(bundles, `${name}.mjs`)], work);
      return { ...measured, bytes: await sizeAndDrop(databaseUrl, schema) };
    },
    site: { databaseUrl, programOf: (name) => join(bundles, `${name}.mjs`), startSimulator },
    withSchema: async (measure) => {
      const schema = `bench_${process.pid}_${++schemas}`;
      const measured = await measure(schema);
      await sizeAndDrop(databaseUrl, schema);
      return measured;
    },
    firstRequestMs: () => timeToFirstRequest(databaseUrl, `bench_${process.pid}_start`),
    close: async () => {
      for (const simulator of simulators.values()) (await simulator).child.kill();
      await sizeAndDrop(databaseUrl, `bench_${process.pid}_start`);
      await stopServer(home);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startSimulator(latencyMs: number): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [LAUNCHER, "simulator", "--latency", String(latencyMs)], {
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

async function sizeAndDrop(databaseUrl: string, schema: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
    [schema],
  );
  await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
  await client.end();
  return rows[0]?.bytes ?? 0;
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
