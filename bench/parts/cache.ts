import Anthropic from "@anthropic-ai/sdk";
import { CacheGate, type PrefixLease } from "../../src/calls/cache-gate.ts";
import type { Lab } from "../lab.ts";
import type { Part } from "../part.ts";

/** Ten agents that share a long prompt, with the cache gate and without it. */
export const cache: Part = {
  name: "cache",
  measure: async (lab, note) => {
    note("ten agents that share a long prompt");
    const [naive, gated] = [await measureCache(lab, false), await measureCache(lab, true)];
    const line = (name: string, { written, read }: CacheUse) =>
      `  ${name}: ${written.toLocaleString("en")} tokens written to the cache, ${read.toLocaleString("en")} read`;
    return {
      figures: { naive, gated },
      text: [
        "ten agents with the same prompt of 5,000 tokens, all at once:",
        line("without the cache gate", naive),
        line("with it", gated),
      ].join("\n"),
      goals: [
        {
          name: "cache tokens written, against naively",
          figure: gated.written / naive.written,
          limit: 0.11,
          unit: "×",
        },
      ],
    };
  },
};

/** Prompt tokens of ten agents that start at once with the same system prompt of 5,000 tokens. */
interface CacheUse {
  readonly written: number;
  readonly read: number;
}

async function measureCache({ site }: Lab, isGated: boolean): Promise<CacheUse> {
  const simulator = await site.startSimulator(50);
  const client = new Anthropic({ apiKey: "bench", baseURL: simulator.url, maxRetries: 0 });
  const gate = new CacheGate();
  const system = "You know much about queues, and you say what you know. ".repeat(360);
  const { signal } = new AbortController();
  const passed: PrefixLease = { started: () => undefined, ended: () => undefined };
  const agents = Array.from({ length: 10 }, async (_, index) => {
    const lease = isGated ? await gate.pass("prefix", signal) : passed;
    const stream = client.messages.stream({
      model: "claude-sonnet-5-5",
      max_tokens: 500,
      system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: `Say something about queue ${index}.` }],
    });
    stream.once("streamEvent", () => lease.started());
    const { usage } = await stream.finalMessage();
    lease.ended();
    return { written: usage.cache_creation_input_tokens ?? 0, read: usage.cache_read_input_tokens ?? 0 };
  });
  const uses = await Promise.all(agents);
  simulator.child.kill();
  return {
    written: uses.reduce((sum, use) => sum + use.written, 0),
    read: uses.reduce((sum, use) => sum + use.read, 0),
  };
}
