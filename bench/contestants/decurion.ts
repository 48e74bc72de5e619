// Graph orchestrate with a plan given.
import { randomUUID } from "node:crypto";
import { graph } from "../../graphs/orchestrate.ts";
import { parseConfig } from "../../src/domain/config.ts";
import { drive } from "../../src/runs/drive.ts";
import { hostEngine } from "../../src/runs/engine-holder.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { reportThread } from "../../src/runs/report.ts";
import { AGENT, AGENTS_FOLDER, checkCount, MODEL, measure, promptOf } from "../work.ts";

await measure(async ({ parallel, root, claudeUrl, databaseUrl, schema, thread, isResumed }) => {
  const config = parseConfig({
    DATABASE_URL: databaseUrl,
    DATABASE_SCHEMA: schema,
    ANTHROPIC_API_KEY: "bench",
    ANTHROPIC_BASE_URL: claudeUrl,
    BUDGET_USD: "10000",
  });
  const folders = { package: root, project: root, user: undefined };
  const host = hostEngine(() => openEngine(config, folders, () => undefined));
  const { database } = await host.engine();
  const planOf = (tasks: number) =>
    Array.from({ length: tasks }, (_, index) => ({
      id: `task-${index}`,
      agent: AGENT,
      description: `item ${index}`,
      prompt: promptOf(index),
      dependsOn: [],
    }));
  let threadId = "";
  const options = {
    parallel,
    autoApprove: ["plan" as const],
    synthesis: false,
    model: MODEL,
    agentsDir: `${root}/${AGENTS_FOLDER}`,
  };
  const { signal } = new AbortController();
  return {
    run: async (tasks) => {
      threadId = thread ?? randomUUID();
      const input = isResumed ? null : { input: "bench", currentTasks: planOf(tasks) };
      await drive(graph, input, { threadId, options, signal, onEvent: () => undefined });
    },
    lookBack: async () => {
      const { tasks, phasesMs } = await reportThread(database, threadId);
      checkCount(tasks.filter((task) => task.status === "completed").length, tasks.length);
      return { agentsMs: phasesMs.agents };
    },
    end: () => host.close(),
  };
});
