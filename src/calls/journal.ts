import { createHash } from "node:crypto";
import { z } from "zod";
import { type Json, plainJson } from "../domain/json.ts";
import type { CommittedCall } from "../postgres/claude-calls/ledger.ts";
import type { TurnRequest, TurnResponse } from "./transport.ts";

/** What tells a request from any other: all that is sent, whatever order keys have; Postgres keeps none in JSON. */
export function hashOf(request: TurnRequest): string {
  const told = request.foreign?.identity ?? JSON.stringify(request, sortKeys);
  return createHash("sha256").update(told).digest("hex");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What is needed to replay the response without a call. */
export function toJournal({ id, model, content, stopReason }: TurnResponse): Json {
  return { id, model, content: plainJson(content), stopReason };
}

const journalSchema = z.object({
  id: z.string(),
  model: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text: z.unknown().optional() })),
  stopReason: z.string(),
});

/** The response as it was when it was paid for. */
export function fromJournal({ response, usage, requestId }: CommittedCall): TurnResponse {
  const { id, model, content, stopReason } = journalSchema.parse(response);
  const text = content
    .map((block) => (block.type === "text" && typeof block.text === "string" ? block.text : ""))
    .join("");
  return { id, model, content, text, stopReason, usage, requestId };
}
