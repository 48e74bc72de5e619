import { NAMES } from "../lab.ts";
import { openObserver } from "../observer.ts";
import { type Part, percentile } from "../part.ts";
import { warm } from "./table.ts";

const LOAD = { tasks: 10, latencyMs: 200, runs: 10 };

interface Row {
  readonly name: "langgraph" | "decurion";
  readonly startMs: number;
  readonly endMs: number;
}

/** What a thread costs besides its calls: from its start to the first send, and from the last answer to its end. */
export const fixed: Part = {
  name: "fixed",
  measure: async (lab, note) => {
    const rows: Row[] = [];
    for (const name of ["langgraph", "decurion"] as const) {
      note(`${name}: what a thread costs besides its calls`);
      const observer = await openObserver(await lab.claudeUrl(LOAD.latencyMs), lab.site.databaseUrl);
      const { runs } = await lab.run(name, LOAD, observer.claudeUrl);
      const moments = observer.moments();
      observer.close();
      const costs = warm(runs).map(({ startedAtMs, wallMs }) => {
        const isWithin = (at: number) => at >= startedAtMs && at <= startedAtMs + wallMs;
        const firstMs = Math.min(...moments.requests.filter(isWithin));
        const lastMs = Math.max(...moments.answers.filter(isWithin));
        return { startMs: firstMs - startedAtMs, endMs: startedAtMs + wallMs - lastMs };
      });
      const startMs = percentile(
        costs.map((cost) => cost.startMs),
        0.5,
      );
      const endMs = percentile(
        costs.map((cost) => cost.endMs),
        0.5,
      );
      rows.push({ name, startMs, endMs });
    }
    const sumOf = (wanted: string) =>
      rows
        .filter(({ name }) => name === wanted)
        .reduce((sum, { startMs, endMs }) => sum + startMs + endMs, 0);
    const figure = sumOf("decurion") - sumOf("langgraph");
    const lines = rows.map(
      ({ name, startMs, endMs }) =>
        `  ${NAMES[name]}: ${startMs.toFixed(1)} ms from the start to the first request, ${endMs.toFixed(1)} ms from the last answer to the end`,
    );
    return {
      figures: rows,
      text: ["a thread of ten tasks, besides its calls:", ...lines].join("\n"),
      goals: [{ name: "fixed cost of a thread, more than plain LangGraph's", figure, limit: 60, unit: "ms" }],
    };
  },
};
