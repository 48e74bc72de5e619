import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { CacheGate, type PrefixLease } from "../../src/calls/cache-gate.ts";
import type { Account } from "../../src/simulator/account.ts";
import type { Site } from "../lab.ts";
import type { Work } from "../work.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the guarantees cost a call in ms: the driver alone, and with journal, budget, governor and commit. */
export interface Overhead {
  readonly bareMs: number;
  readonly boughtMs: number;
}

export async function measureOverhead(site: Site, schema: string): Promise<Overhead> {
  const simulator = await site.startSimulator(0);
  const child = start(site, "overhead", { ...workOn(site, schema, simulator.url), tasks: 300 });
  const printed = await text(child.stdout);
  simulator.child.kill();
  return JSON.parse(printed);
}

/** What a kill -9 in the middle cost. */
export interface Crash {
  readonly tasks: number;
  /** Answers that were billed beyond one a task, and what they cost in USD. */
  readonly paidTwice: number;
  readonly paidTwiceUsd: number;
  /** From starting the process again to its first request. */
  readonly recoveryMs: number;
}

const CRASH_TASKS = 100;
const CRASH_LATENCY_MS = 200;

/** Kills a contestant when half of its tasks were answered, starts it again and lets it end. */
export async function measureCrash(
  site: Site,
  name: "langgraph" | "decurion",
  schema: string,
): Promise<Crash> {
  const simulator = await site.startSimulator(CRASH_LATENCY_MS);
  const work = { ...workOn(site, schema, simulator.url), tasks: CRASH_TASKS, thread: randomUUID() };
  const account = async (): Promise<Account> =>
    (await (await fetch(`${simulator.url}/_simulator/account`)).json()) as Account;
  const first = start(site, name, work);
  while ((await account()).answers < CRASH_TASKS / 2) await sleep(5);
  first.kill("SIGKILL");
  await once(first, "close");
  // The question itself is one of the requests under way.
  while ((await account()).running > 1) await sleep(5);
  const startedAt = performance.now();
  const second = start(site, name, { ...work, isResumed: true });
  const closed = once(second, "close");
  while ((await account()).running < 2 && second.exitCode === null) await sleep(2);
  const recoveryMs = performance.now() - startedAt;
  const [code] = await closed;
  if (code !== 0) throw new Error(`${name} did not recover: it ended with ${code}.`);
  const { answers, costUsd } = await account();
  simulator.child.kill();
  const paidTwice = answers - CRASH_TASKS;
  return { tasks: CRASH_TASKS, paidTwice, paidTwiceUsd: (costUsd / answers) * paidTwice, recoveryMs };
}

/** Prompt tokens of ten agents that start at once with the same system prompt of 5,000 tokens. */
export interface CacheUse {
  readonly written: number;
  readonly read: number;
}

export async function measureCache(site: Site, isGated: boolean): Promise<CacheUse> {
  const simulator = await site.startSimulator(50);
  const client = new Anthropic({ apiKey: "bench", baseURL: simulator.url, maxRetries: 0 });
  const gate = new CacheGate();
  const system = "You know much about queues, and you say what you know. ".repeat(360);
  const { signal } = new AbortController();
  const passed: PrefixLease = { started: () => undefined, ended: () => undefined };
  const agents = Array.from({ length: 10 }, async (_, index) => {
    const lease = isGated ? await gate.pass("prefix", signal) : passed;
    const stream = client.messages.stream({
      model: "claude-sonnet-5-5",
      max_tokens: 500,
      system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: `Say something about queue ${index}.` }],
    });
    stream.once("streamEvent", () => lease.started());
    const { usage } = await stream.finalMessage();
    lease.ended();
    return { written: usage.cache_creation_input_tokens ?? 0, read: usage.cache_read_input_tokens ?? 0 };
  });
  const uses = await Promise.all(agents);
  simulator.child.kill();
  return {
    written: uses.reduce((sum, use) => sum + use.written, 0),
    read: uses.reduce((sum, use) => sum + use.read, 0),
  };
}

function workOn({ databaseUrl }: Site, schema: string, claudeUrl: string): Work {
  return { tasks: 0, runs: 1, parallel: 10, root: ROOT, claudeUrl, databaseUrl, schema };
}

function start(site: Site, name: string, work: Work) {
  return spawn(process.execPath, [site.programOf(name), JSON.stringify(work)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
