import { tmpdir } from "node:os";
import { agentEnvironment } from "../../src/domain/agent-environment.ts";
import { type Confinement, UNCONFINED } from "../../src/processes/confinement.ts";
import { findSandbox } from "../../src/processes/find-sandbox.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { startProcess } from "../../src/processes/start-process.ts";
import { type Part, percentile } from "../part.ts";

const COMMANDS = 60;
const AT_ONCE = 10;

/** How long a command takes, from its start to its end, with the sandbox and without. */
export const sandbox: Part = {
  name: "sandbox",
  measure: async (_, note) => {
    note("commands with the sandbox and without");
    const environment = agentEnvironment(process.env, []);
    const found = await findSandbox(environment);
    if ("problem" in found) return { figures: null, text: `no sandbox: ${found.problem}`, goals: [] };
    const plain = { ...UNCONFINED, environment };
    const boxed: Confinement = { ...plain, sandbox: found.sandbox, network: "none" };
    const figures = { alone: await both(plain, boxed, 1), tenAtOnce: await both(plain, boxed, AT_ONCE) };
    const { alone, tenAtOnce } = figures;
    return {
      figures,
      text: `a command: ${alone.plain.toFixed(1)} ms, in the sandbox ${alone.boxed.toFixed(1)} ms; ten at once ${tenAtOnce.plain.toFixed(1)} and ${tenAtOnce.boxed.toFixed(1)} ms`,
      goals: [],
    };
  },
};

/** Medians, in ms. Takes turns, so that both meet the same moments of the machine. */
async function both(plain: Confinement, boxed: Confinement, atOnce: number) {
  const took: { plain: number[]; boxed: number[] } = { plain: [], boxed: [] };
  for (let count = 0; count < COMMANDS; count += atOnce) {
    took.plain.push(...(await batch(plain, atOnce)));
    took.boxed.push(...(await batch(boxed, atOnce)));
  }
  return { plain: percentile(took.plain, 0.5), boxed: percentile(took.boxed, 0.5) };
}

async function batch(confinement: Confinement, atOnce: number): Promise<number[]> {
  const memory = new ProcessScope("bench/task", 500, { confinement });
  const { signal } = new AbortController();
  try {
    return await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const from = performance.now();
        const child = startProcess("true", [], { memory, signal, folder: tmpdir() });
        await new Promise((resolve) => child.once("close", resolve));
        return performance.now() - from;
      }),
    );
  } finally {
    await memory.close();
  }
}
