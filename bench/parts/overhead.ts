import { text } from "node:stream/consumers";
import type { Part } from "../part.ts";

const CALLS = 300;

/** In ms a call: the driver alone, with every guarantee, and that for a turn that opens no conversation. */
interface Overhead {
  readonly bareMs: number;
  readonly boughtMs: number;
  readonly continuedMs: number;
  /** Conversations that were recorded. */
  readonly openings: number;
}

/** What the guarantees cost a call, and what of that the recorded texts of its conversation do. */
export const overhead: Part = {
  name: "overhead",
  measure: async (lab, note) => {
    note("what the guarantees cost a call");
    const simulator = await lab.site.startSimulator(0);
    const { figures, bytes } = await lab.withSchema(async (schema) => {
      const child = lab.start("overhead", { tasks: CALLS, schema, claudeUrl: simulator.url });
      const measured: Overhead = JSON.parse(await text(child.stdout));
      return { figures: measured, bytes: await lab.bytesOf(schema, "request_texts") };
    });
    simulator.child.kill();
    const { bareMs, boughtMs, continuedMs, openings } = figures;
    const textBytes = bytes / openings;
    return {
      figures: { ...figures, textBytes },
      text: [
        `a call by the driver alone ${bareMs.toFixed(2)} ms, with every guarantee ${boughtMs.toFixed(2)} ms: ${(boughtMs - bareMs).toFixed(2)} ms more`,
        `of that ${(boughtMs - continuedMs).toFixed(2)} ms and ${textBytes.toFixed(0)} bytes in Postgres for the recorded texts of its conversation`,
      ].join("\n"),
      goals: [],
    };
  },
};
