import { CONTESTANTS, type ContestantName, type Load } from "../lab.ts";
import type { Goal, Part } from "../part.ts";
import { median, type Row, renderTable, rowOf, warm } from "./table.ts";

/** A Send for each task makes plain LangGraph quadratic: 10,000 would take it longer than all the rest together. */
const LOADS: readonly (Load & { readonly contestants: readonly ContestantName[] })[] = [
  { tasks: 4, latencyMs: 1500, runs: 3, contestants: CONTESTANTS },
  { tasks: 100, latencyMs: 200, runs: 8, contestants: CONTESTANTS },
  { tasks: 1000, latencyMs: 0, runs: 3, contestants: CONTESTANTS },
  { tasks: 10_000, latencyMs: 0, runs: 1, contestants: ["sdk", "decurion"] },
];

/** From four tasks to ten thousand. */
export const loads: Part = {
  name: "loads",
  measure: async (lab, note) => {
    const rows: Row[] = [];
    const emptyBytes = new Map<ContestantName, number>();
    for (const name of CONTESTANTS) {
      note(`${name}: one task, for what its tables take when they are empty`);
      emptyBytes.set(name, (await lab.run(name, { tasks: 1, latencyMs: 0, runs: 1 })).bytes);
    }
    for (const { contestants, ...load } of LOADS) {
      if (load.tasks > 1000 && lab.isQuick) continue;
      let sdkMs = Number.NaN;
      for (const name of contestants) {
        note(`${name}: ${load.tasks} tasks of ${load.latencyMs} ms, ${load.runs} runs`);
        const measured = await lab.run(name, load);
        if (name === "sdk") sdkMs = median(warm(measured.runs).map((run) => run.wallMs));
        const idealMs = load.latencyMs > 0 ? Math.ceil(load.tasks / 10) * load.latencyMs : sdkMs;
        rows.push(rowOf(name, load, idealMs, measured, emptyBytes.get(name) ?? 0));
      }
    }
    return { figures: rows, text: renderTable(rows), goals: goalsOf(rows) };
  },
};

function goalsOf(rows: readonly Row[]): Goal[] {
  const find = (tasks: number) => rows.find((row) => row.contestant === "decurion" && row.tasks === tasks);
  const [four, hundred, thousand, many] = [find(4), find(100), find(1000), find(10_000)];
  const goals: Goal[] = [];
  const add = (name: string, figure: number | undefined, limit: number, unit: string) => {
    if (figure !== undefined) goals.push({ name, figure, limit, unit });
  };
  add("100 × 200 ms against the ideal", hundred && hundred.wallMs / hundred.idealMs, 1.06, "×");
  add("4 × 1500 ms: agents phase", four?.agentsMs, 1600, "ms");
  add("CPU an agent at 100", hundred?.cpuMsPerAgent, 6, "ms");
  const cpuGrowth = many && hundred && many.cpuMsPerAgent / hundred.cpuMsPerAgent;
  add("CPU an agent at 10,000 against 100", cpuGrowth, 1.2, "×");
  add("peak RSS at 10,000", many?.peakRssMb, 250, "MB");
  const growth = many && thousand && many.bytesPerAgent / thousand.bytesPerAgent;
  add("Postgres bytes an agent at 10,000 against 1,000", growth, 1.1, "×");
  return goals;
}
