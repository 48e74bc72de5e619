import { CONTESTANTS, type ContestantName, NAMES } from "../lab.ts";
import type { Part } from "../part.ts";
import { median, warm } from "./table.ts";

const LOAD = { tasks: 1000, latencyMs: 200, runs: 2 };
const IDEAL_MS = 20_000;

interface Row {
  readonly name: ContestantName;
  /** Its time against the ideal. */
  readonly ratio: number;
  readonly connections: number;
}

/** A thousand tasks of 200 ms, ten in parallel: each contestant against the ideal, and its Postgres connections. */
export const thousand: Part = {
  name: "thousand",
  measure: async (lab, note) => {
    const rows: Row[] = [];
    for (const name of CONTESTANTS) {
      note(`${name}: 1,000 tasks of 200 ms, 2 runs`);
      const { result, most } = await lab.countingConnections(() => lab.run(name, LOAD));
      const ratio = median(warm(result.runs).map(({ wallMs }) => wallMs)) / IDEAL_MS;
      rows.push({ name, ratio, connections: name === "sdk" ? 0 : most });
    }
    const ratioOf = (wanted: string) => rows.find(({ name }) => name === wanted)?.ratio ?? Number.NaN;
    const figure = ratioOf("decurion") / ratioOf("langgraph");
    const lines = rows.map(
      ({ name, ratio, connections }) =>
        `  ${NAMES[name]}: ${ratio.toFixed(3)} × the ideal, ${connections} Postgres connections at most`,
    );
    return {
      figures: rows,
      text: ["1,000 × 200 ms, ten in parallel:", ...lines].join("\n"),
      goals: [{ name: "1,000 × 200 ms against plain LangGraph", figure, limit: 1, unit: "×" }],
    };
  },
};
