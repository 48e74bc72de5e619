// Begins or goes on with threads, one for each message of its parent, approves whatever they ask, and sends their reports: a
// process to be killed, and the one that comes after it. Until a message comes it has only loaded its modules.

import { END, interrupt, START } from "@langchain/langgraph";
import { graph as orchestrate } from "../../graphs/orchestrate.ts";
import { parseConfig } from "../../src/domain/config.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { agentNode, defineGraph } from "../../src/index.ts";
import { openRequests } from "../../src/postgres/requests.ts";
import { findThread } from "../../src/postgres/threads/threads.ts";
import { recordAnswers } from "../../src/runs/answer.ts";
import { drive, nextInput, type Workflow } from "../../src/runs/drive.ts";
import { hostEngine } from "../../src/runs/engine-holder.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { type Report, reportThread } from "../../src/runs/report.ts";
import { PACKAGE_FOLDER } from "./package-folder.ts";

/** A thread to begin, or to go on with if there is one. */
export interface Given {
  readonly threadId: string;
  readonly graph: "orchestrate" | "asking";
  readonly input: object;
  readonly options: object;
}

/** How the thread ended, or the error that ended the attempt to run it. */
export type Done = { readonly report: Report } | { readonly error: string };

/** A graph whose own node asks before an agent works. */
const asking = defineGraph("asking", (builder) =>
  builder
    .addNode("ask", () => ({ feedback: String(interrupt("Go on?")) }))
    .addNode("t", agentNode({ agent: "worker", prompt: ({ feedback }) => `Do it. ${feedback}` }))
    .addNode("tell", () => ({ output: "The work." }))
    .addEdge(START, "ask")
    .addEdge("ask", "t")
    .addEdge("t", "tell")
    .addEdge("tell", END),
);
const GRAPHS: Readonly<Record<Given["graph"], Workflow>> = { orchestrate, asking };

const folders = { package: PACKAGE_FOLDER, project: process.cwd(), user: undefined };
const holder = hostEngine(() => openEngine(parseConfig(process.env), folders, () => undefined));

async function run({ threadId, graph: name, input, options }: Given): Promise<Report> {
  const engine = await holder.engine();
  const graph = GRAPHS[name];
  const { signal } = new AbortController();
  const begin = () => drive(graph, input, { threadId, options, signal });
  if (!(await findThread(engine.database, threadId))) await begin();
  for (;;) {
    const report = await reportThread(engine.database, threadId);
    if (!["queued", "running", "waiting", "stopped"].includes(report.status)) return report;
    const asked = await openRequests(engine.database, threadId);
    const decisions = asked.map(({ id }) => ({ requestId: id, decision: { type: "approve" as const } }));
    if (decisions.length > 0) await recordAnswers(engine, decisions, { by: "test", via: "cli" as const });
    const next = await nextInput(graph, engine.database, threadId).catch((error: unknown) => {
      if (error instanceof UsageError && error.message.includes("before its start")) return undefined;
      throw error;
    });
    if (!next)
      await begin(); // As the sentence says.
    else if ("input" in next) await drive(graph, next.input, { threadId, signal });
  }
}

process.on("message", (given: Given) => {
  const send = (done: Done) => process.send?.(done);
  run(given).then(
    (report) => send({ report }),
    (error: unknown) => send({ error: error instanceof Error ? `${error.stack}` : String(error) }),
  );
});
process.once("disconnect", () => void holder.close());
