// Plain SDK, plain LangGraph and Decurion on the same simulated work: one table, and the goals with their verdicts.
// Options: --quick leaves 10,000 tasks out; --json prints the figures as one document.

import { goalsOf, renderGoals } from "./goals.ts";
import { goalsOfGuarantees, measureGuarantees, renderGuarantees } from "./guarantees/report.ts";
import { CONTESTANTS, type ContestantName, type Load, openLab } from "./lab.ts";
import { median, type Row, renderTable, rowOf, warm } from "./table.ts";

/** A Send for each task makes plain LangGraph quadratic: 10,000 would take it longer than all the rest together. */
const LOADS: readonly (Load & { readonly contestants: readonly ContestantName[] })[] = [
  { tasks: 4, latencyMs: 1500, runs: 3, contestants: CONTESTANTS },
  { tasks: 100, latencyMs: 200, runs: 8, contestants: CONTESTANTS },
  { tasks: 1000, latencyMs: 0, runs: 3, contestants: CONTESTANTS },
  { tasks: 10_000, latencyMs: 0, runs: 1, contestants: ["sdk", "decurion"] },
];
const STARTS = 5;

const options = new Set(process.argv.slice(2));
const note = (line: string) => process.stderr.write(`${line}\n`);

const lab = await openLab();
try {
  const rows: Row[] = [];
  const emptyBytes = new Map<ContestantName, number>();
  for (const name of CONTESTANTS) {
    note(`${name}: one task, for what its tables take when they are empty`);
    emptyBytes.set(name, (await lab.run(name, { tasks: 1, latencyMs: 0, runs: 1 })).bytes);
  }
  for (const { contestants, ...load } of LOADS) {
    if (load.tasks > 1000 && options.has("--quick")) continue;
    let sdkMs = Number.NaN;
    for (const name of contestants) {
      note(`${name}: ${load.tasks} tasks of ${load.latencyMs} ms, ${load.runs} runs`);
      const measured = await lab.run(name, load);
      if (name === "sdk") sdkMs = median(warm(measured.runs).map((run) => run.wallMs));
      const idealMs = load.latencyMs > 0 ? Math.ceil(load.tasks / 10) * load.latencyMs : sdkMs;
      rows.push(rowOf(name, load, idealMs, measured, emptyBytes.get(name) ?? 0));
    }
  }
  note("time from starting the command to its first Claude request");
  const starts = [];
  for (let start = 0; start < STARTS; start++) starts.push(await lab.firstRequestMs());
  const guarantees = await measureGuarantees(lab, note);
  const goals = [...goalsOf(rows, median(starts.slice(1))), ...goalsOfGuarantees(guarantees)];
  process.stdout.write(
    options.has("--json")
      ? `${JSON.stringify({ node: process.version, rows, guarantees, goals }, null, 2)}\n`
      : `${renderTable(rows)}\n\n${renderGuarantees(guarantees)}\n\n${renderGoals(goals)}\n`,
  );
  process.exitCode = goals.every((goal) => goal.isReached) ? 0 : 1;
} finally {
  await lab.close();
}
