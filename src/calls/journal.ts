import { createHash } from "node:crypto";
import { z } from "zod";
import { type Json, plainJson } from "../domain/json.ts";
import type { CommittedCall } from "../postgres/claude-calls/ledger.ts";
import type { AskedTurn, TurnResponse } from "./transport.ts";

/**
 * The hash that identifies a request in other executions: everything that the model is asked. How long it may answer and
 * what is cached change nothing about that, and neither does the order of keys.
 */
export function hashOf({ cacheSystem: _, ...asked }: AskedTurn): string {
  const identity = asked.foreign?.identity ?? JSON.stringify(asked, sortKeys);
  return createHash("sha256").update(identity).digest("hex");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The parts of a response that a replay needs. */
export function toJournal({ id, model, content, stopReason }: TurnResponse): Json {
  return { id, model, content: plainJson(content), stopReason };
}

const journalSchema = z.object({
  id: z.string(),
  model: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text: z.unknown().optional() })),
  stopReason: z.string(),
});

/** A recorded response. */
export function fromJournal({ response, usage, requestId }: CommittedCall): TurnResponse {
  const { id, model, content, stopReason } = journalSchema.parse(response);
  const text = content
    .map((block) => (block.type === "text" && typeof block.text === "string" ? block.text : ""))
    .join("");
  return { id, model, content, text, stopReason, usage, requestId };
}
