import { z } from "zod";
import { UsageError } from "../domain/errors.ts";
import { type MessagesRequest, promptOf, saidIn, systemOf } from "./request.ts";

const pattern = z.string().refine(isPattern, "is not a regular expression");

/** Selects the requests of an entry. All conditions must hold. Counts include only requests that match the rest. */
const matcherSchema = z.strictObject({
  /** Occurs in the last user message. */
  match: pattern.optional(),
  /** Occurs in the assistant's text so far in this conversation; "^$" for none. */
  said: pattern.optional(),
  system: pattern.optional(),
  model: pattern.optional(),
  /** Only the n-th such request, from 1. */
  nth: z.number().int().positive().optional(),
  every: z.number().int().positive().optional(),
  times: z.number().int().positive().optional(),
  /** Only requests within so many ms after the first such request: an outage. */
  forMs: z.number().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
});

/**
 * What gateways do to a whole answer. `cut-after-stop` and `open-after-stop`: the connection after `message_stop`.
 * `no-usage`, `zero-usage`: tokens are not counted. `second-delta`: one more `message_delta`, of nulls and zeros. `mislabelled`:
 * the content type of a stream for JSON, and the other way round. `comments`: keep-alive lines before and between events.
 * `other-reason`: `tool_use` without a call and `end_turn` with one. `blank-text`: a blank text block comes first.
 */
export const ODDITIES = [
  "cut-after-stop",
  "open-after-stop",
  "no-usage",
  "zero-usage",
  "second-delta",
  "mislabelled",
  "comments",
  "other-reason",
  "blank-text",
] as const;
export type Oddity = (typeof ODDITIES)[number];

const faultSchema = z.union([
  z.strictObject({
    status: z.number().int().min(400).max(599),
    /** In seconds; null sends no retry-after. */
    retryAfter: z.number().nonnegative().nullish(),
    message: z.string().optional(),
    /** The API's `details.error_code`. */
    code: z.string().optional(),
    when: matcherSchema.optional(),
  }),
  z.strictObject({
    kind: z.enum(["mid-stream-error", "cut-socket", "stall"]),
    /** How many events are sent first. With 0 a cut sends nothing at all. */
    afterEvents: z.number().int().nonnegative().optional(),
    when: matcherSchema.optional(),
  }),
  z.strictObject({
    kind: z.enum(["refusal", "max_tokens", "empty-answer"]),
    when: matcherSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal("latency"),
    ms: z.number().nonnegative(),
    when: matcherSchema.optional(),
  }),
  // A gateway that refuses fields which it does not know, wherever they stand.
  z.strictObject({
    kind: z.literal("refused-field"),
    fields: z.array(z.enum(["output_config", "cache_control"])),
    when: matcherSchema.optional(),
  }),
  // A body that is no message, with status 200.
  z.strictObject({
    kind: z.literal("body"),
    type: z.string().default("application/json"),
    body: z.string(),
    when: matcherSchema.optional(),
  }),
  z.strictObject({ kind: z.enum(ODDITIES), when: matcherSchema.optional() }),
]);

const answerSchema = z.strictObject({
  text: z.string().optional(),
  json: z.unknown().optional(),
  /** The turn pauses with this text, and continues when it is sent back unchanged. */
  pause: z.boolean().optional(),
  /** The text ends here because it has no more room, however much there is: in its answer, or in the model's window. */
  cut: z.enum(["answer", "window"]).optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string(),
        /** A string is sent as the JSON text of the input, whether it is JSON or not. */
        input: z.union([z.string(), z.record(z.string(), z.unknown())]).default({}),
      }),
    )
    .optional(),
  when: matcherSchema.optional(),
});

const scenarioSchema = z.strictObject({
  faults: z.array(faultSchema).default([]),
  answers: z.array(answerSchema).default([]),
});

/** A simulator's script: faults and prepared answers. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type Fault = z.infer<typeof faultSchema>;
export type ScriptedAnswer = z.infer<typeof answerSchema>;

/** @throws UsageError in one sentence when it is not a scenario. */
export function parseScenario(value: unknown): Scenario {
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  throw new UsageError(`The simulator's script is invalid: ${problems.join("; ")}.`);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "i");
    return true;
  } catch {
    return false;
  }
}

/** Plays a scenario: finds the fault and the answer for each request, and counts the requests. */
export class ScenarioPlayer {
  readonly #scenario: Scenario;
  readonly #chance: () => number;
  readonly #seen = new Map<object, number>();
  readonly #used = new Map<object, number>();
  readonly #firstAtMs = new Map<object, number>();

  constructor(scenario: Scenario, chance: () => number) {
    this.#scenario = scenario;
    this.#chance = chance;
  }

  faultFor(request: MessagesRequest): Fault | undefined {
    return this.#play(this.#scenario.faults, request);
  }

  answerFor(request: MessagesRequest): ScriptedAnswer | undefined {
    return this.#play(this.#scenario.answers, request);
  }

  /** The first entry that applies. All entries count every request, but only the played one is used up. */
  #play<Entry extends Fault | ScriptedAnswer>(
    entries: readonly Entry[],
    request: MessagesRequest,
  ): Entry | undefined {
    const [first] = entries.filter((entry) => this.#applies(entry, request));
    if (first) this.#used.set(first, (this.#used.get(first) ?? 0) + 1);
    return first;
  }

  #applies(entry: Fault | ScriptedAnswer, request: MessagesRequest): boolean {
    const when = entry.when ?? {};
    if (!matches(when, request)) return false;
    const seen = (this.#seen.get(entry) ?? 0) + 1;
    this.#seen.set(entry, seen);
    const used = this.#used.get(entry) ?? 0;
    const nowMs = performance.now();
    const firstAtMs = this.#firstAtMs.get(entry) ?? nowMs;
    this.#firstAtMs.set(entry, firstAtMs);
    return (
      (when.forMs === undefined || nowMs - firstAtMs < when.forMs) &&
      (when.nth === undefined || seen === when.nth) &&
      (when.every === undefined || seen % when.every === 0) &&
      (when.times === undefined || used < when.times) &&
      (when.probability === undefined || this.#chance() < when.probability)
    );
  }
}

/** Whether a request's text meets the conditions. */
function matches(when: z.infer<typeof matcherSchema>, request: MessagesRequest): boolean {
  const readings: readonly (readonly [string | undefined, () => string])[] = [
    [when.match, () => promptOf(request)],
    [when.said, () => saidIn(request)],
    [when.system, () => systemOf(request)],
    [when.model, () => request.model],
  ];
  return readings.every(([wanted, read]) => wanted === undefined || new RegExp(wanted, "i").test(read()));
}
