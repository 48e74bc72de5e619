// Graph orchestrate with agents that use tools. Prints the delay of its event loop in ms.
import { randomUUID } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { graph } from "../../graphs/orchestrate.ts";
import { parseConfig } from "../../src/domain/config.ts";
import { drive } from "../../src/runs/drive.ts";
import { hostEngine } from "../../src/runs/engine-holder.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { reportThread } from "../../src/runs/report.ts";
import { AGENTS_FOLDER, checkCount, MODEL, type Work } from "../work.ts";

const { tasks, parallel, root, claudeUrl, databaseUrl, schema }: Work = JSON.parse(process.argv[2] ?? "{}");
const config = parseConfig({
  DATABASE_URL: databaseUrl,
  DATABASE_SCHEMA: schema,
  ANTHROPIC_API_KEY: "bench",
  ANTHROPIC_BASE_URL: claudeUrl,
  BUDGET_USD: "10000",
});
const host = hostEngine(() =>
  openEngine(config, { package: root, project: root, user: undefined }, () => undefined),
);
const { database } = await host.engine();
const threadId = randomUUID();
const currentTasks = Array.from({ length: tasks }, (_, index) => ({
  id: `task-${index}`,
  agent: "bench-tools",
  description: `item ${index}`,
  prompt: `Use your tools for item ${index}.`,
  dependsOn: [],
}));
const options = {
  parallel,
  autoApprove: ["plan" as const, "tool" as const],
  synthesis: false,
  model: MODEL,
  agentsDir: `${root}/${AGENTS_FOLDER}`,
  workspace: `${root}/src`,
};
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const { signal } = new AbortController();
await drive(graph, { input: "bench", currentTasks }, { threadId, options, signal, onEvent: () => undefined });
delay.disable();
const report = await reportThread(database, threadId);
checkCount(report.tasks.filter((task) => task.status === "completed").length, tasks);
await host.close();
const msOf = (percentile: number) => delay.percentile(percentile) / 1e6;
process.stdout.write(`${JSON.stringify({ p50Ms: msOf(50), p99Ms: msOf(99), mostMs: delay.max / 1e6 })}\n`);
