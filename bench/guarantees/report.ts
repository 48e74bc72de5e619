import type { Goal } from "../goals.ts";
import type { Lab } from "../lab.ts";
import {
  type CacheUse,
  type Crash,
  measureCache,
  measureCrash,
  measureOverhead,
  type Overhead,
} from "./measure.ts";

/** What the guarantees cost and what they save, against programs that do not have them. */
export interface Guarantees {
  readonly overhead: Overhead;
  readonly crash: { readonly langgraph: Crash; readonly decurion: Crash };
  readonly cache: { readonly naive: CacheUse; readonly gated: CacheUse };
}

export async function measureGuarantees(lab: Lab, note: (line: string) => void): Promise<Guarantees> {
  note("what the guarantees cost a call");
  const overhead = await lab.withSchema((schema) => measureOverhead(lab.site, schema));
  note("kill -9 in the middle of 100 tasks");
  const crash = {
    langgraph: await lab.withSchema((schema) => measureCrash(lab.site, "langgraph", schema)),
    decurion: await lab.withSchema((schema) => measureCrash(lab.site, "decurion", schema)),
  };
  note("ten agents that share a long prompt");
  const cache = { naive: await measureCache(lab.site, false), gated: await measureCache(lab.site, true) };
  return { overhead, crash, cache };
}

export function goalsOfGuarantees({ crash, cache }: Guarantees): Goal[] {
  const goal = (name: string, figure: number, limit: number, unit: string): Goal => ({
    name,
    figure,
    limit,
    unit,
    isReached: figure <= limit,
  });
  return [
    goal("answers paid twice after kill -9, of ten under way", crash.decurion.paidTwice, 10, "calls"),
    goal("cache tokens written, against naively", cache.gated.written / cache.naive.written, 0.11, "×"),
  ];
}

export function renderGuarantees({ overhead, crash, cache }: Guarantees): string {
  const { bareMs, boughtMs } = overhead;
  const crashLine = (name: string, { paidTwice, tasks, paidTwiceUsd, recoveryMs }: Crash) =>
    `${name}: ${paidTwice} of ${tasks} answers paid twice ($${paidTwiceUsd.toFixed(4)}), first request ${recoveryMs.toFixed(0)} ms after it was started again`;
  const cacheLine = (name: string, { written, read }: CacheUse) =>
    `${name}: ${written.toLocaleString("en")} tokens written to the cache, ${read.toLocaleString("en")} read`;
  return [
    `a call by the driver alone ${bareMs.toFixed(2)} ms, with every guarantee ${boughtMs.toFixed(2)} ms: ${(boughtMs - bareMs).toFixed(2)} ms more`,
    "kill -9 when half of 100 tasks are answered, ten under way:",
    `  ${crashLine("LangGraph, Postgres saver, Send", crash.langgraph)}`,
    `  ${crashLine("Decurion", crash.decurion)}`,
    "ten agents with the same prompt of 5,000 tokens, all at once:",
    `  ${cacheLine("without the cache gate", cache.naive)}`,
    `  ${cacheLine("with it", cache.gated)}`,
  ].join("\n");
}
