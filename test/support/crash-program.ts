// Runs or goes on with one thread, approves whatever it asks, and prints its report: a process to be killed.

import { parseConfig } from "../../src/domain/config.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { openRequests } from "../../src/postgres/requests.ts";
import { recordAnswers } from "../../src/runs/answer.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { hostEngine } from "../../src/runs/engine-holder.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { reportThread } from "../../src/runs/report.ts";

const { threadId, folder, plan, options } = JSON.parse(process.argv[2] ?? "{}");
const config = parseConfig(process.env);
const folders = { package: folder, project: process.cwd(), user: undefined };
const holder = hostEngine(() => openEngine(config, folders, () => undefined));
const engine = await holder.engine();
const { graph } = await import("../../graphs/orchestrate.ts");
const { signal } = new AbortController();
const { rows } = await engine.database.pool.query("SELECT status FROM threads WHERE thread_id = $1", [
  threadId,
]);

const begin = () => drive(graph, plan, { threadId, options, signal });
if (rows.length === 0) await begin();
for (;;) {
  const report = await reportThread(engine.database, threadId);
  if (!["queued", "running", "waiting", "stopped"].includes(report.status)) break;
  const asked = (await openRequests(engine.database)).filter((request) => request.threadId === threadId);
  const decisions = asked.map(({ id }) => ({ requestId: id, decision: { type: "approve" as const } }));
  if (decisions.length > 0) await recordAnswers(engine, decisions, { by: "test", via: "cli" as const });
  const next = await nextInput(graph, engine.database, threadId).catch((error: unknown) => {
    if (error instanceof UsageError && error.message.includes("before it began")) return undefined;
    throw error;
  });
  if (!next)
    await begin(); // As the sentence says.
  else if ("input" in next) await drive(graph, next.input, { threadId, signal });
}
process.stdout.write(JSON.stringify(await reportThread(engine.database, threadId)));
await holder.close();
