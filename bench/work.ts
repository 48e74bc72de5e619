import { loadAgents } from "../src/agents/registry.ts";
import { taskTurn } from "../src/attempts/agent-prompt.ts";
import { DRIVERS } from "../src/drivers/drivers.ts";

/** What a contestant is told to do; handed over as JSON in its first argument. */
export interface Work {
  readonly tasks: number;
  /** How often the tasks are done, one run after the other in one process. */
  readonly runs: number;
  readonly parallel: number;
  /** The package's folder. */
  readonly root: string;
  readonly claudeUrl: string;
  readonly databaseUrl: string;
  readonly schema: string;
  /** A thread to run instead of a new one, and whether it was begun before. */
  readonly thread?: string;
  readonly isResumed?: boolean;
}

/** One run of the work, from its start to its last result; connecting and loading are not in it. */
export interface Run {
  /** Since the epoch, in ms and parts of them. */
  readonly startedAtMs: number;
  readonly wallMs: number;
  /** User and system time of the process. */
  readonly cpuMs: number;
  /** Decurion only: the agents phase by the database's clock. */
  readonly agentsMs?: number;
}

/** What a contestant measured of itself. The first run is cold: nothing is compiled and no connection is open. */
export interface Measured {
  readonly runs: readonly Run[];
  /** The most memory the process ever had. */
  readonly peakRssMb: number;
}

/** An agent without tools, and the folder of the package that it is in. */
export const AGENT = "bench-research";
export const AGENTS_FOLDER = "bench/agents";
export const MODEL = "claude-haiku-4-5";

/** The n-th task's prompt: about a hundred tokens. */
export function promptOf(index: number): string {
  return `Look into item ${index} of the list and say in a few words what it is. ${"It is part of a whole. ".repeat(12)}`;
}

/** The request every contestant sends for a task: the same system prompt, prompt and schema. */
export async function requestFor(root: string) {
  const agents = await loadAgents({
    agentsDir: `${root}/${AGENTS_FOLDER}`,
    projectDir: root,
    builtinDir: `${root}/.claude/agents`,
    drivers: DRIVERS,
  });
  const agent = agents.get(AGENT);
  return (index: number) => {
    const task = { agent, prompt: promptOf(index), dependencies: [], failed: [], advice: null };
    const { system, prompt } = taskTurn(task);
    return {
      model: MODEL,
      max_tokens: 4096,
      system,
      messages: [{ role: "user" as const, content: prompt }],
    };
  };
}

/** A contestant that is ready: connected, with its tables made. */
export interface Contestant {
  /** Does so many tasks, ten at once. @throws when a result is missing. */
  run(tasks: number): Promise<void>;
  /** What else is known of the run that is over. */
  lookBack?(): Promise<{ agentsMs: number }>;
  end(): Promise<void>;
}

/** Makes a contestant ready, runs the work as often as it says and prints what that took as one line of JSON. */
export async function measure(prepare: (work: Work) => Promise<Contestant>): Promise<void> {
  const work: Work = JSON.parse(process.argv[2] ?? "{}");
  const contestant = await prepare(work);
  const runs: Run[] = [];
  for (let run = 0; run < work.runs; run++) {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const startedAtMs = performance.timeOrigin + startedAt;
    await contestant.run(work.tasks);
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ startedAtMs, wallMs, cpuMs: (user + system) / 1000, ...(await contestant.lookBack?.()) });
  }
  const measured: Measured = { runs, peakRssMb: process.resourceUsage().maxRSS / 1024 };
  await contestant.end();
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

export function checkCount(results: number, tasks: number): void {
  if (results !== tasks) throw new Error(`There are ${results} results of ${tasks} tasks.`);
}

/** What an answer's last line says of it. @throws when it says nothing. */
export function summaryIn(text: string): string {
  const [, line = "{}"] = /<result>(.*)<\/result>\s*$/.exec(text) ?? [];
  const { summary } = JSON.parse(line);
  if (typeof summary !== "string") throw new Error(`An answer has no summary: ${text.slice(0, 200)}`);
  return summary;
}
