import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "../../src/simulator/account.ts";
import { type Lab, NAMES } from "../lab.ts";
import type { Part } from "../part.ts";

const KILLS = 20;
const AGENTS = 10;
/** The agents are answered after 30, 60 … 300 ms. */
const STEP_MS = 30;
/** Kills come at any moment from the first request to a little after the last answer. */
const LATEST_KILL_MS = 400;
const SEED = 7;

interface Row {
  readonly name: "langgraph" | "decurion";
  readonly paidTwice: number;
  readonly perKill: number;
}

/** Ten agents are killed at a random moment, again and again: answers that are paid twice, on average. */
export const kills: Part = {
  name: "kills",
  measure: async (lab, note) => {
    const script = lab.fileOf("kills.json");
    await writeFile(script, JSON.stringify({ faults: latencies() }));
    const rows: Row[] = [];
    for (const name of ["langgraph", "decurion"] as const) {
      note(`${name}: kill -9 of ten agents at a random moment, ${KILLS} times`);
      const simulator = await lab.site.startSimulator(0, script);
      const paidTwice = await lab.withSchema(async (schema) => {
        const random = randomFrom(SEED);
        let sum = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          sum += await paidTwiceAfterKill(lab, name, { schema, claudeUrl: simulator.url }, random());
        }
        return sum;
      });
      simulator.child.kill();
      rows.push({ name, paidTwice, perKill: paidTwice / KILLS });
    }
    const perKill = (wanted: string) => rows.find(({ name }) => name === wanted)?.perKill ?? Number.NaN;
    const lines = rows.map(
      (row) => `  ${NAMES[row.name]}: ${row.perKill.toFixed(2)} answers paid twice a kill`,
    );
    return {
      figures: rows,
      text: [`ten agents, kill -9 at a random moment, ${KILLS} times:`, ...lines].join("\n"),
      goals: [
        {
          name: "answers paid twice a kill, against a tenth of plain LangGraph's",
          figure: perKill("decurion"),
          limit: perKill("langgraph") / 10,
          unit: "calls",
        },
      ],
    };
  },
};

function latencies() {
  return Array.from({ length: AGENTS }, (_, index) => ({
    kind: "latency",
    ms: (index + 1) * STEP_MS,
    when: { match: `item ${index} ` },
  }));
}

/** @param moment - from 0 to 1, when it is killed. */
async function paidTwiceAfterKill(
  lab: Lab,
  name: "langgraph" | "decurion",
  place: { readonly schema: string; readonly claudeUrl: string },
  moment: number,
): Promise<number> {
  const work = { ...place, tasks: AGENTS, thread: randomUUID() };
  const account = async (): Promise<Account> =>
    (await (await fetch(`${place.claudeUrl}/_simulator/account`)).json()) as Account;
  const before = (await account()).answers;
  const first = lab.start(name, work);
  const closed = once(first, "close"); // It may be over before it is killed.
  while ((await account()).running < 1) await sleep(2);
  await sleep(moment * LATEST_KILL_MS);
  first.kill("SIGKILL");
  await closed;
  while ((await account()).running > 0) await sleep(5);
  const [code] = await once(lab.start(name, { ...work, isResumed: true }), "close");
  if (code !== 0) throw new Error(`${name} did not recover: it ended with ${code}.`);
  return (await account()).answers - before - AGENTS;
}

/** The same numbers from 0 to 1 for all contestants (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
