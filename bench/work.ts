import { loadAgents } from "../src/agents/registry.ts";
import { taskTurn } from "../src/claude/agent-prompt.ts";
import { AGENT_RESULT_JSON_SCHEMA } from "../src/core/agent-result.ts";

/** What a contestant is told to do; handed over as JSON in its first argument. */
export interface Work {
  readonly tasks: number;
  readonly parallel: number;
  /** The package's folder. */
  readonly root: string;
  readonly claudeUrl: string;
  readonly databaseUrl: string;
  readonly schema: string;
}

/** What a contestant measured of itself, while it ran; connecting, loading and warming up are not in it. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time of the process. */
  readonly cpuMs: number;
  /** The most memory the process ever had, from its start. */
  readonly peakRssMb: number;
  /** Decurion only: the agents phase by the database's clock. */
  readonly agentsMs?: number;
}

export const AGENT = "sydney-research";
export const MODEL = "claude-haiku-4-5";

/** The n-th task's prompt: about a hundred tokens. */
export function promptOf(index: number): string {
  return `Look into item ${index} of the list and say in a few words what it is. ${"It is part of a whole. ".repeat(12)}`;
}

/** The request every contestant sends for a task: the same system prompt, prompt and schema. */
export async function requestFor(root: string) {
  const agents = await loadAgents({
    projectDir: root,
    builtinDir: `${root}/.claude/agents`,
  });
  const agent = agents.get(AGENT);
  return (index: number) => {
    const { system, prompt } = taskTurn(agent, promptOf(index), [], AGENT_RESULT_JSON_SCHEMA);
    return {
      model: MODEL,
      max_tokens: 4096,
      system,
      messages: [{ role: "user" as const, content: prompt }],
      output_config: { format: { type: "json_schema" as const, schema: { ...AGENT_RESULT_JSON_SCHEMA } } },
    };
  };
}

/** A contestant that is ready: connected, with its tables made. */
export interface Contestant {
  /** Does so many tasks, ten at once. @throws when a result is missing. */
  run(tasks: number): Promise<void>;
  /** Closes what was opened; says what else was measured. */
  end(): Promise<{ agentsMs?: number }>;
}

/** Tasks of the run before the one that is measured: engines are judged warm, as in a server or a worker. */
const WARM_UP_TASKS = 20;

/** Makes a contestant ready, warms it up, runs the work and prints what that took as one line of JSON. */
export async function measure(prepare: (work: Work) => Promise<Contestant>): Promise<void> {
  const work: Work = JSON.parse(process.argv[2] ?? "{}");
  const contestant = await prepare(work);
  await contestant.run(WARM_UP_TASKS);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await contestant.run(work.tasks);
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const measured: Measured = {
    wallMs,
    cpuMs: (user + system) / 1000,
    peakRssMb,
    ...(await contestant.end()),
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

export function checkCount(results: number, tasks: number): void {
  if (results !== tasks) throw new Error(`There are ${results} results of ${tasks} tasks.`);
}
