import type { Model } from "../domain/model.ts";
import type { Claude } from "./purpose.ts";

/**
 * The least room of a call, in output tokens with thinking. Ten calls of the default model with a usual prompt have it side
 * by side within the default budget.
 */
export const LEAST_TOKENS = 2048;

/** The room of a call's answer, in output tokens: a call is sent with as much as the budget has, between these. */
export interface Room {
  readonly least: number;
  readonly most: number;
}

/**
 * The room that a call can use: up to the limit of the model, and of the settings.
 *
 * @param wanted - what the answer needs, if that is known to be more than the least.
 */
export async function roomFor(
  { service, maxTokens }: Pick<Claude, "service" | "maxTokens">,
  model: Model,
  wanted: number = LEAST_TOKENS,
): Promise<Room> {
  const { maxOutput } = await service.limits.of(model);
  const most = Math.min(maxOutput, maxTokens ?? Number.POSITIVE_INFINITY);
  return { most, least: Math.min(most, Math.max(LEAST_TOKENS, wanted)) };
}
