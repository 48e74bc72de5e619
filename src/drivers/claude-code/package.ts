import { pathToFileURL } from "node:url";
import { z } from "zod";
import { messageOf, UsageError } from "../../domain/errors.ts";

/** A running conversation with Claude Code: its messages until it ends. */
export interface CodeQuery extends AsyncIterable<unknown> {
  close(): void;
}

/** The parts of Claude Code's package that we use. It is not one of our dependencies. */
export interface CodePackage {
  query(call: {
    prompt: string | AsyncIterable<never>;
    options: Readonly<Record<string, unknown>>;
  }): CodeQuery;
}

/** @throws UsageError when it does not load. */
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

/** The last message of a conversation with Claude Code, as far as we read it. */
export const resultSchema = z.looseObject({
  type: z.literal("result"),
  subtype: z.string(),
  result: z.string().default(""),
  structured_output: z.unknown().optional(),
  stop_reason: z.string().nullish(),
  terminal_reason: z.string().optional(),
  errors: z.array(z.string()).default([]),
  deferred_tool_use: z.looseObject({ id: z.string(), name: z.string() }).optional(),
  /** Tokens of the whole session, by model. */
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

const contentSchema = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
]);
const resultsSchema = z.looseObject({
  type: z.literal("user"),
  message: z.looseObject({ content: z.array(z.unknown()) }),
});
const toolResultSchema = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: contentSchema.default(""),
  is_error: z.boolean().default(false),
});

/** The tool results in a message from Claude Code, as the model sees them. */
export function resultsIn(message: unknown): CallResult[] {
  const parsed = resultsSchema.safeParse(message);
  if (!parsed.success) return [];
  return parsed.data.message.content.flatMap((block) => {
    const result = toolResultSchema.safeParse(block);
    if (!result.success) return [];
    const { tool_use_id: toolUseId, content, is_error: isError } = result.data;
    const text = typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
    return [{ toolUseId, content: text, isError }];
  });
}

/** How a call ended. */
export interface CallResult {
  readonly toolUseId: string;
  readonly content: string;
  readonly isError: boolean;
}
