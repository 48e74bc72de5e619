import { z } from "zod";

/** Named intensities from 0 to 1, for example `{ focus: 0.9, doubt: 0.2 }`. Metadata, not feelings. */
export const emotionalStateSchema = z.record(z.string(), z.number().min(0).max(1));
export type EmotionalState = z.infer<typeof emotionalStateSchema>;

/** What every agent returns, whatever driver ran it. `confidence` is the agent's own estimate, 0 to 1. */
export const agentResultSchema = z.object({
  summary: z.string().min(1),
  output: z.string().min(1),
  confidence: z.number().min(0).max(1),
  emotionalState: emotionalStateSchema,
});
export type AgentResult = z.infer<typeof agentResultSchema>;

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

/** The JSON schema of AgentResult for `output_config.format`: closed objects, every key required. */
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
