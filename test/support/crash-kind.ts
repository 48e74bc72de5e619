import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect } from "vitest";
import type { Database } from "../../src/postgres/database.ts";
import type { Moment } from "./crash-points.ts";
import type { Given } from "./crash-program.ts";
import type { CrashSite } from "./crash-site.ts";
import { auditLedger } from "./ledger-audit.ts";

/** A kind of run to kill. */
export interface CrashKind {
  readonly graph?: Given["graph"];
  /** The tasks' prompts: each task has a letter from a, and depends on the one before. Without them the run is planned. */
  readonly prompts?: readonly string[];
  readonly validate?: object;
  readonly options?: object;
  /** Lines of the worker's file. */
  readonly worker?: string;
  /** How often the tool takes effect: at most, and when its call is done. */
  readonly charges?: number;
  /** The kinds of the requests, also of those that are answered by the options. */
  readonly asks?: readonly string[];
}

/** A point of a run: its number from 1, the moment, and what passes there. */
interface CrashPoint {
  readonly nth: number;
  readonly moment: Moment;
  readonly name: string;
}

/** The points that an undisturbed run of this kind passes, in their order. */
async function pointsOf(kind: CrashKind, site: CrashSite): Promise<CrashPoint[]> {
  await site.writeAgents("version one");
  site.points.disarm();
  const done = await site.victim().run(givenFor(kind, site, randomUUID()));
  expect(done).toMatchObject({ report: { status: "completed" } });
  return site.points.passed.flatMap((name, index) =>
    (["before", "after"] as const).map((moment) => ({ nth: index + 1, moment, name })),
  );
}

/**
 * Kills a run of this kind at each point, one after the other. CRASH_AT names the points, as in "22 before,23 after"; CRASH_PART
 * chooses a part of them, as in "1/3".
 *
 * @returns what was wrong, which is printed when it happens.
 */
export async function crashAtEach(kind: CrashKind, site: CrashSite, database: Database): Promise<string[]> {
  const problems: string[] = [];
  for (const point of chosen(await pointsOf(kind, site))) {
    await crashAt(kind, site, database, point).catch((error: unknown) => {
      const why = error instanceof Error ? error.message.slice(0, 600) : error;
      problems.push(`${nameOf(point)} ${point.name}: ${why}`);
      process.stderr.write(`${problems.at(-1)}\n`);
    });
  }
  return problems;
}

/** The chosen points of a run. Each part has both moments. */
function chosen(points: readonly CrashPoint[]): CrashPoint[] {
  const only = process.env["CRASH_AT"]?.split(",");
  const [part = 1, parts = 1] = (process.env["CRASH_PART"] ?? "1/1").split("/").map(Number);
  return points.filter((point, index) =>
    only ? only.includes(nameOf(point)) : (index + Math.floor(index / 2 / parts)) % parts === part - 1,
  );
}

const nameOf = ({ nth, moment }: CrashPoint) => `${nth} ${moment}`;

/** Kills a run at a point, lets another process go on, and holds what came of it against what was promised. */
async function crashAt(
  kind: CrashKind,
  site: CrashSite,
  database: Database,
  { nth, moment }: CrashPoint,
): Promise<void> {
  const given = givenFor(kind, site, randomUUID());
  await site.writeAgents("version one");
  site.claude.reset();
  const victim = site.victim();
  site.points.arm(nth, moment, () => victim.child.kill("SIGKILL"));
  const ended = await victim.run(given);
  site.points.disarm();
  // A point that did not come was passed already, e.g. what is recorded while an answer arrives.
  if (ended) victim.child.kill("SIGKILL");
  await site.writeAgents("version two");

  const done = await site.successor.run(given);

  expect(done, "error" in (done ?? {}) ? JSON.stringify(done) : "").toHaveProperty("report");
  if (!done || !("report" in done)) return;
  const { report } = done;
  expect(report).toMatchObject({ status: "completed", output: expect.stringMatching(/The work|Odd/) });
  for (const task of report.tasks) expect(task).toMatchObject({ status: "completed", attempts: 1 });
  await auditLedger(database, given.threadId, site.claude);
  await auditTools(kind, site, database, given.threadId);
}

async function auditTools(
  { charges = 0, asks = ["plan"] }: CrashKind,
  site: CrashSite,
  database: Database,
  threadId: string,
): Promise<void> {
  const { rows } = await database.pool.query<{ done: number; asked: string[]; open: number }>(
    `SELECT (SELECT count(*)::int FROM tool_calls WHERE thread_id = $1 AND status = 'done') AS done,
       array(SELECT kind FROM requests WHERE thread_id = $1 ORDER BY kind) AS asked,
       (SELECT count(*)::int FROM requests WHERE thread_id = $1 AND status = 'open') AS open`,
    [threadId],
  );
  const charged = await site.chargesOf(threadId);
  expect(charged, "the tool took effect").toBeLessThanOrEqual(charges);
  if (rows[0] && rows[0].done > 0) expect(charged, "a done call took effect").toBe(charges);
  expect(rows[0]).toMatchObject({ open: 0, asked: asks });
}

function givenFor(
  { graph = "orchestrate", prompts, validate, options, charges }: CrashKind,
  { folder }: CrashSite,
  threadId: string,
): Given {
  const tasks = prompts?.map((prompt, index) => ({
    id: "abcdefghij".charAt(index),
    agent: "worker",
    description: "t",
    prompt,
    dependsOn: index > 0 ? ["abcdefghij".charAt(index - 1)] : [],
    validate,
  }));
  return {
    threadId,
    graph,
    input: { input: "Do it.", ...(tasks && { currentTasks: tasks }) },
    options: {
      autoApprove: ["plan", "tool"],
      agentsDir: folder,
      ...(charges && { tools: join(folder, "tools.ts") }),
      ...options,
    },
  };
}
