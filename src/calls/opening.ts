import { z } from "zod";
import { storable } from "../domain/json.ts";
import type { Model } from "../domain/model.ts";
import { modelPriceSchema } from "../domain/price.ts";
import { type Opening, openingAt } from "../postgres/claude-calls/openings.ts";
import type { Claude, Opened, TurnPurpose } from "./purpose.ts";
import type { OpeningContent } from "./transport.ts";

/**
 * Opens a conversation, or opens it again as it is recorded: with another prompt, tools or model the recorded answers would
 * belong to something else. What has changed meanwhile takes effect in the next attempt.
 *
 * @param given - used when the conversation has not begun.
 */
export async function openConversation(
  { database }: Pick<Claude, "database">,
  given: OpeningContent,
  purpose: Omit<TurnPurpose, "signal">,
): Promise<Opened> {
  const recorded = purpose.mayReplay === false ? undefined : await openingAt(database, purpose);
  return recorded ? fromOpening(recorded) : { content: storable(given), model: purpose.model };
}

/** An opening as it is recorded. Each part is a text of its own, so that tasks of one agent share all but their prompts. */
export function toOpening({ system, prompt, tools, jsonSchema }: OpeningContent, model: Model): Opening {
  return {
    system,
    prompt,
    model: JSON.stringify(model),
    ...(tools && { tools: JSON.stringify(tools) }),
    ...(jsonSchema && { jsonSchema: JSON.stringify(jsonSchema) }),
  };
}

const json = z.string().transform((text): unknown => JSON.parse(text));

const openingSchema = z.object({
  system: z.string(),
  prompt: z.string(),
  model: json.pipe(z.object({ id: z.string(), price: modelPriceSchema })),
  tools: json.pipe(z.array(z.looseObject({ name: z.string() }))).optional(),
  jsonSchema: json.pipe(z.record(z.string(), z.unknown())).optional(),
});

function fromOpening(opening: Opening): Opened {
  const { system, prompt, model, tools, jsonSchema } = openingSchema.parse(opening);
  return { model, content: { system, prompt, ...(tools && { tools }), ...(jsonSchema && { jsonSchema }) } };
}
