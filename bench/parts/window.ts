import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { openObserver } from "../observer.ts";
import { type Part, percentile } from "../part.ts";

const TASKS = 20;
const RUNS = 3;
const ROUNDS = 3;
const LATENCY_MS = 500;
const CALLS = [
  { name: "Bash", input: { command: "wc -l postgres/*.ts | tail -1" } },
  { name: "Read", input: { file_path: "postgres/database.ts" } },
  { name: "Grep", input: { pattern: "setTimeout", path: "runs" } },
  { name: "mcp__notes__note", input: { text: "hello" } },
];

/** From the last byte of an answer to its commit in Postgres, seen from outside, while ten agents use tools. */
export const toolWindow: Part = {
  name: "window",
  measure: async (lab, note) => {
    const script = lab.fileOf("tools.json");
    await writeFile(script, JSON.stringify({ answers: answers() }));
    const simulator = await lab.site.startSimulator(LATENCY_MS, script);
    const windowsMs: number[] = [];
    const loopDelays: unknown[] = [];
    for (let run = 1; run <= RUNS; run++) {
      note(`ten agents with tools, from an answer's last byte to its commit: run ${run} of ${RUNS}`);
      const observer = await openObserver(simulator.url, lab.site.databaseUrl);
      const printed = await lab.withSchema((schema) => {
        const { claudeUrl, databaseUrl } = observer;
        const child = lab.start("window", { tasks: TASKS, schema, claudeUrl, databaseUrl });
        return text(child.stdout);
      });
      loopDelays.push(JSON.parse(printed));
      windowsMs.push(...observer.windowsMs());
      observer.close();
    }
    simulator.child.kill();
    const [p50Ms, p99Ms] = [percentile(windowsMs, 0.5), percentile(windowsMs, 0.99)];
    return {
      figures: { answers: windowsMs.length, p50Ms, p99Ms, mostMs: Math.max(...windowsMs), loopDelays },
      text: `from the last byte of an answer to its commit, ten agents with tools: ${p50Ms.toFixed(1)} ms at the median, ${p99Ms.toFixed(1)} ms at the 99th percentile of ${windowsMs.length}`,
      goals: [{ name: "last byte to commit with tools, p99", figure: p99Ms, limit: 15, unit: "ms" }],
    };
  },
};

/** Each agent uses each tool so many times, one after the other, and then answers. */
function answers() {
  return Array.from({ length: ROUNDS * CALLS.length }, (_, turn) => ({
    text: `Step ${turn + 1}.`,
    tools: [CALLS[turn % CALLS.length]],
    when: { said: turn === 0 ? "^$" : `Step ${turn}\\.\\s*$` },
  }));
}
