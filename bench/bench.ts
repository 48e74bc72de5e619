// Plain SDK, plain LangGraph and Decurion on the same simulated work: one table, and the goals with their verdicts.
// Options: --quick leaves 10,000 tasks out; --json prints the figures as one document.

import { goalsOf, renderGoals } from "./goals.ts";
import { CONTESTANTS, type ContestantName, openLab } from "./lab.ts";
import { type Row, renderTable } from "./table.ts";

interface Load {
  readonly tasks: number;
  readonly latencyMs: number;
  /** Runs of which the median counts. */
  readonly repeats: number;
  readonly contestants: readonly ContestantName[];
}

/** A Send for each task makes plain LangGraph quadratic: 10,000 would take it longer than all the rest together. */
const LOADS: readonly Load[] = [
  { tasks: 4, latencyMs: 1500, repeats: 3, contestants: CONTESTANTS },
  { tasks: 100, latencyMs: 200, repeats: 5, contestants: CONTESTANTS },
  { tasks: 1000, latencyMs: 0, repeats: 1, contestants: CONTESTANTS },
  { tasks: 10_000, latencyMs: 0, repeats: 1, contestants: ["sdk", "decurion"] },
];
const STARTS = 5;

const options = new Set(process.argv.slice(2));
const note = (line: string) => process.stderr.write(`${line}\n`);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const lab = await openLab();
try {
  const rows: Row[] = [];
  const alone = new Map<ContestantName, { cpuMs: number; bytes: number }>();
  for (const contestant of CONTESTANTS) {
    note(`${contestant}: one task, the base that is taken off`);
    const runs = [];
    for (let run = 0; run < 3; run++) runs.push(await lab.run(contestant, 1, 0));
    alone.set(contestant, {
      cpuMs: median(runs.map((one) => one.cpuMs)),
      bytes: median(runs.map((one) => one.bytes)),
    });
  }
  for (const { tasks, latencyMs, repeats, contestants } of LOADS) {
    if (tasks > 1000 && options.has("--quick")) continue;
    const runs = new Map(contestants.map((name) => [name, [] as Awaited<ReturnType<typeof lab.run>>[]]));
    for (let repeat = 1; repeat <= repeats; repeat++) {
      for (const contestant of contestants) {
        note(`${contestant}: ${tasks} tasks, ${latencyMs} ms each, run ${repeat} of ${repeats}`);
        runs.get(contestant)?.push(await lab.run(contestant, tasks, latencyMs));
      }
    }
    const sdkWallMs = median((runs.get("sdk") ?? []).map((one) => one.wallMs));
    const idealMs = latencyMs > 0 ? Math.ceil(tasks / 10) * latencyMs : sdkWallMs;
    for (const [contestant, measured] of runs) {
      const of = (pick: (one: (typeof measured)[number]) => number) => median(measured.map(pick));
      const base = alone.get(contestant) ?? { cpuMs: 0, bytes: 0 };
      rows.push({
        ...{ contestant, tasks, latencyMs, idealMs, wallMs: of((one) => one.wallMs) },
        cpuMsPerAgent: of((one) => one.cpuMs - base.cpuMs) / (tasks - 1),
        peakRssMb: of((one) => one.peakRssMb),
        bytesPerAgent: of((one) => one.bytes - base.bytes) / (tasks - 1),
        agentsMs: of((one) => one.agentsMs ?? Number.NaN),
      });
    }
  }
  note("time from starting the command to its first Claude request");
  const starts = [];
  for (let start = 0; start < STARTS; start++) starts.push(await lab.firstRequestMs());
  const goals = goalsOf(rows, median(starts.slice(1)));
  process.stdout.write(
    options.has("--json")
      ? `${JSON.stringify({ node: process.version, rows, goals }, null, 2)}\n`
      : `${renderTable(rows)}\n\n${renderGoals(goals)}\n`,
  );
  process.exitCode = goals.every((goal) => goal.isReached) ? 0 : 1;
} finally {
  await lab.close();
}
