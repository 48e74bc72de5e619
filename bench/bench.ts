// Plain SDK, plain LangGraph and Decurion on the same simulated work: one part after the other, and the goals with their
// verdicts. Names of parts choose them. Options: --quick leaves 10,000 tasks out; --json prints the figures as one document.

import { openLab } from "./lab.ts";
import { isReached, type Measurement, type Part, renderGoals } from "./part.ts";
import { cache } from "./parts/cache.ts";
import { fixed } from "./parts/fixed.ts";
import { kills } from "./parts/kills.ts";
import { loads } from "./parts/loads.ts";
import { overhead } from "./parts/overhead.ts";
import { sandbox } from "./parts/sandbox.ts";
import { start } from "./parts/start.ts";
import { thousand } from "./parts/thousand.ts";
import { toolWindow } from "./parts/window.ts";

const PARTS: readonly Part[] = [loads, start, thousand, fixed, toolWindow, overhead, kills, cache, sandbox];

const given = process.argv.slice(2);
const names = given.filter((one) => !one.startsWith("--"));
const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part ${unknown.join(", ")}. There is ${PARTS.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}

const lab = await openLab({ isQuick: given.includes("--quick") });
try {
  const measured: [string, Measurement][] = [];
  for (const { name, measure } of PARTS) {
    if (names.length > 0 && !names.includes(name)) continue;
    measured.push([name, await measure(lab, (line) => process.stderr.write(`${line}\n`))]);
  }
  const goals = measured.flatMap(([, part]) => part.goals);
  const parts = Object.fromEntries(measured.map(([name, { figures }]) => [name, figures]));
  process.stdout.write(
    given.includes("--json")
      ? `${JSON.stringify({ node: process.version, parts, goals }, null, 2)}\n`
      : `${[...measured.map(([, { text }]) => text), renderGoals(goals)].filter(Boolean).join("\n\n")}\n`,
  );
  process.exitCode = goals.every(isReached) ? 0 : 1;
} finally {
  await lab.close();
}
