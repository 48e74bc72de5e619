import { z } from "zod";
import { clip } from "../format/text.ts";

/** Named intensities from 0 to 1, for example `{ focus: 0.9, doubt: 0.2 }`. Metadata, not feelings. */
export const emotionalStateSchema = z.record(z.string(), z.number().min(0).max(1));
export type EmotionalState = z.infer<typeof emotionalStateSchema>;

/** What every agent returns, whatever driver ran it. `confidence` is the agent's own estimate, 0 to 1; null without one. */
export const agentResultSchema = z.object({
  summary: z.string().min(1),
  output: z.string().min(1),
  confidence: z.number().min(0).max(1).nullable(),
  emotionalState: emotionalStateSchema,
});
export type AgentResult = z.infer<typeof agentResultSchema>;

/** A share as models write it: 0.9, "0.9", 95 or "95 %". Undefined when it is none of these. */
function toShare(value: unknown): number | undefined {
  const text = typeof value === "string" ? value.replace("%", "").trim() : value;
  const share = text === "" || text === null ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  return share > 1 && share <= 100 ? share / 100 : undefined;
}

const SUMMARY_CHARACTERS = 200;

const answerSchema = z.looseObject({
  summary: z.string().trim().nullish().catch(undefined),
  output: z.string().trim().min(1),
  confidence: z.unknown().optional(),
  emotionalState: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/**
 * An agent's answer as a result. Only the work itself must be there: what is said about it is taken as it can be understood.
 *
 * @returns undefined when there is no work.
 */
export function readAgentResult(value: unknown): AgentResult | undefined {
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { output, summary, confidence, emotionalState } = parsed.data;
  const emotions = Object.entries(emotionalState ?? {}).flatMap(([name, intensity]) => {
    const share = toShare(intensity);
    return share === undefined ? [] : [[name, share] as const];
  });
  return {
    summary: summary || clip(output, SUMMARY_CHARACTERS),
    output,
    confidence: toShare(confidence) ?? null,
    emotionalState: Object.fromEntries(emotions),
  };
}

/**
 * The names in the schema of `emotionalState`: structured output needs closed objects. A result may have other names.
 */
export const EMOTION_NAMES = [
  "focus",
  "curiosity",
  "confidence",
  "doubt",
  "frustration",
  "jealousy",
] as const;

const intensity = { type: "number", description: "0 to 1" } as const;

/** The JSON schema of AgentResult for drivers that need one: closed objects, every key required. */
export const AGENT_RESULT_JSON_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["summary", "output", "confidence", "emotionalState"],
  properties: {
    summary: { type: "string", description: "One or two sentences: what came of the task." },
    output: { type: "string", description: "The whole work, in Markdown." },
    confidence: { type: "number", description: "0 to 1: how sure you are of the output." },
    emotionalState: {
      type: "object",
      additionalProperties: false,
      required: [...EMOTION_NAMES],
      properties: Object.fromEntries(EMOTION_NAMES.map((name) => [name, intensity])),
    },
  },
} as const;
