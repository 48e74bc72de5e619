import { z } from "zod";
import { ApiError } from "./api-error.ts";

const cacheControl = z.looseObject({ type: z.string(), ttl: z.enum(["5m", "1h"]).optional() });
const blockSchema = z.looseObject({ type: z.string(), cache_control: cacheControl.nullish() });
const contentSchema = z.union([z.string(), z.array(blockSchema)]);
const messageSchema = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: contentSchema,
});
const toolSchema = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  input_schema: z.record(z.string(), z.unknown()).optional(),
  cache_control: cacheControl.nullish(),
});

const requestSchema = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int().positive(),
  messages: z.array(messageSchema).min(1, "at least one message is required"),
  system: contentSchema.nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().optional() }).nullish(),
  output_config: z
    .looseObject({
      format: z.looseObject({ type: z.string(), schema: z.record(z.string(), z.unknown()) }).nullish(),
    })
    .nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
  cache_control: cacheControl.nullish(),
});
export type MessagesRequest = z.infer<typeof requestSchema>;
export type RequestBlock = z.infer<typeof blockSchema>;
export type RequestTool = z.infer<typeof toolSchema>;

/** @throws ApiError 400, in the API's words: `max_tokens: Field required`. */
export function parseRequest(value: unknown): MessagesRequest {
  const parsed = requestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const isMissing = issue?.code === "invalid_type" && /received undefined/.test(issue.message);
  throw new ApiError(
    400,
    `${issue?.path.join(".") ?? "body"}: ${isMissing ? "Field required" : issue?.message}`,
  );
}

/** A message's or the system's blocks; a string is one text block. */
export function blocksOf(content: MessagesRequest["system"]): RequestBlock[] {
  if (content === null || content === undefined) return [];
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The text of blocks, tool results included. */
export function textOf(blocks: readonly RequestBlock[]): string {
  return blocks.map(textOfBlock).filter(Boolean).join("\n");
}

function textOfBlock(block: RequestBlock): string {
  if (typeof block["text"] === "string") return block["text"];
  const { content } = block;
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => textOfBlock(blockSchema.parse(part))).join("\n") : "";
}

/** The user's last message, without the reminders that Claude Code adds. */
export function promptOf(request: MessagesRequest): string {
  const last = request.messages.findLast((message) => message.role === "user");
  return textOf(
    blocksOf(last?.content).filter((block) => !`${block["text"]}`.startsWith("<system-reminder>")),
  );
}

/** Claude Code's tool for structured output. */
export const ANSWER_TOOL = "StructuredOutput";

/** The schema for the answer: from the API's structured output, or from that tool. */
export function answerSchemaOf({
  output_config,
  tools,
}: MessagesRequest): Record<string, unknown> | undefined {
  const tool = tools?.find(({ name }) => name === ANSWER_TOOL);
  return output_config?.format?.schema ?? tool?.input_schema;
}

/** The assistant's text so far. */
export function saidIn({ messages }: MessagesRequest): string {
  const answers = messages.filter((message) => message.role === "assistant");
  return textOf(answers.flatMap((message) => blocksOf(message.content)));
}

export function systemOf(request: MessagesRequest): string {
  const later = request.messages.filter((message) => message.role === "system");
  return [
    textOf(blocksOf(request.system)),
    ...later.map((message) => textOf(blocksOf(message.content))),
  ].join("\n");
}

/** The simulator's own count: four characters are a token, as in English prose. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Prompt tokens of the whole request, with a few for each message's frame. */
export function promptTokens(request: MessagesRequest): number {
  return cacheableParts(request).reduce((sum, part) => sum + part.tokens, 0) + 3 * request.messages.length;
}

/** One part of the prompt in cache order: tools, then system, then messages. */
export interface PromptPart {
  readonly text: string;
  readonly tokens: number;
  /** Set when the request marks the end of a cacheable prefix here. */
  readonly ttl: "5m" | "1h" | undefined;
}

export function cacheableParts(request: MessagesRequest): PromptPart[] {
  const tools = (request.tools ?? []).map((tool) => part(tool, tool.cache_control));
  const system = blocksOf(request.system).map((block) => part(block, block.cache_control));
  const messages = request.messages.flatMap((message) =>
    blocksOf(message.content).map((block) => part({ role: message.role, ...block }, block.cache_control)),
  );
  const parts = [...tools, ...system, ...messages];
  const last = parts.at(-1);
  if (!request.cache_control || !last) return parts;
  return [...parts.slice(0, -1), { ...last, ttl: request.cache_control.ttl ?? "5m" }];
}

function part(value: object, control: z.infer<typeof cacheControl> | null | undefined): PromptPart {
  const { cache_control: _, ...content } = value as { cache_control?: unknown };
  const text = JSON.stringify(content);
  return { text, tokens: tokensOf(text), ttl: control ? (control.ttl ?? "5m") : undefined };
}
