import { pathToFileURL } from "node:url";
import { z } from "zod";
import { messageOf, UsageError } from "../../core/errors.ts";

/** A conversation with Claude Code under way: what it says, until it has ended. */
export interface CodeQuery extends AsyncIterable<unknown> {
  close(): void;
}

/** What we use of Claude Code's package, which is not among our dependencies. */
export interface CodePackage {
  query(call: {
    prompt: string | AsyncIterable<never>;
    options: Readonly<Record<string, unknown>>;
  }): CodeQuery;
}

/** @throws UsageError when it cannot be loaded. */
export async function loadPackage(file: string): Promise<CodePackage> {
  try {
    const loaded: unknown = await import(pathToFileURL(file).href);
    if (isPackage(loaded)) return loaded;
  } catch (error) {
    throw new UsageError(`Claude Code's package cannot be loaded from ${file}: ${messageOf(error)}.`);
  }
  throw new UsageError(`Claude Code's package at ${file} has no function "query".`);
}

function isPackage(value: unknown): value is CodePackage {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}

const tokens = z.number().default(0);

/** The last thing that Claude Code says of a conversation, as far as we read it. */
export const resultSchema = z.looseObject({
  type: z.literal("result"),
  subtype: z.string(),
  result: z.string().default(""),
  structured_output: z.unknown().optional(),
  stop_reason: z.string().nullish(),
  terminal_reason: z.string().optional(),
  errors: z.array(z.string()).default([]),
  deferred_tool_use: z.looseObject({ id: z.string(), name: z.string() }).optional(),
  /** Tokens by model, of the whole session. */
  modelUsage: z
    .record(
      z.string(),
      z.looseObject({
        inputTokens: tokens,
        outputTokens: tokens,
        cacheReadInputTokens: tokens,
        cacheCreationInputTokens: tokens,
      }),
    )
    .default({}),
  subagent_stats: z.looseObject({ spawned: z.number() }).optional(),
});
export type CodeResult = z.infer<typeof resultSchema>;

/** What it says while it is at work: text, calls of tools and their results. */
export const assistantSchema = z.looseObject({
  type: z.literal("assistant"),
  message: z.looseObject({
    content: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })),
  }),
});
