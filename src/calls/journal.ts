import { createHash } from "node:crypto";
import { z } from "zod";
import { type Json, plainJson } from "../domain/json.ts";
import type { CommittedCall } from "../postgres/claude-calls/ledger.ts";
import type { TurnRequest, TurnResponse } from "./transport.ts";

/** The hash that identifies a request: everything that is sent. The order of keys does not matter, because Postgres drops it in JSON. */
export function hashOf(request: TurnRequest): string {
  const told = request.foreign?.identity ?? JSON.stringify(request, sortKeys);
  return createHash("sha256").update(told).digest("hex");
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

/** The response of the paid call. */
export function fromJournal({ response, usage, requestId }: CommittedCall): TurnResponse {
  const { id, model, content, stopReason } = journalSchema.parse(response);
  const text = content
    .map((block) => (block.type === "text" && typeof block.text === "string" ? block.text : ""))
    .join("");
  return { id, model, content, text, stopReason, usage, requestId };
}
