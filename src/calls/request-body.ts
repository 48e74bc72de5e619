import type Anthropic from "@anthropic-ai/sdk";
import type { Feature } from "./server-features.ts";
import { echoable } from "./tool-input.ts";
import type { AskedTurn, ConversationMessage, TurnRequest } from "./transport.ts";

/** The body of a request for a stream. @param missing - what the server lacks. */
export function requestBody(
  request: TurnRequest,
  missing: ReadonlySet<Feature>,
): Anthropic.MessageCreateParamsStreaming {
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...promptOf(request, missing),
    stream: true,
    ...formatOf(request, missing),
  };
}

/** The body of a request for a count of its tokens. */
export function countBody(
  request: AskedTurn,
  missing: ReadonlySet<Feature>,
): Anthropic.MessageCountTokensParams {
  return { model: request.model, ...promptOf(request, missing), ...formatOf(request, missing) };
}

function formatOf({ jsonSchema, goesOn }: AskedTurn, missing: ReadonlySet<Feature>) {
  if (!jsonSchema || goesOn || missing.has("format")) return {};
  return { output_config: { format: { type: "json_schema", schema: { ...jsonSchema } } as const } };
}

const CACHED = { cache_control: { type: "ephemeral" } } as const;

/** The parts that count as input, in the order of the API's cache: tools, system, messages. */
function promptOf(request: AskedTurn, missing: ReadonlySet<Feature>) {
  const { tools = [], prompt, continued = [] } = request;
  const isCached = !missing.has("cache");
  const messages = isCached && tools.length > 0 ? cachedToHere(continued) : continued;
  const system = systemOf(request, missing);
  return {
    // Like content blocks, their shapes belong to the API.
    ...(tools.length > 0 && {
      tools: tools as unknown as Anthropic.ToolUnion[],
      tool_choice: { type: "auto" } as const,
    }),
    system: isCached && request.cacheSystem ? [{ type: "text", text: system, ...CACHED } as const] : system,
    messages: [
      { role: "user", content: prompt } as const,
      ...messages.map((message) => echoed(message) as Anthropic.MessageParam),
    ],
  };
}

/** The system prompt, with the format in words where the server takes no schema. */
function systemOf({ system, jsonSchema }: AskedTurn, missing: ReadonlySet<Feature>): string {
  if (!jsonSchema || !missing.has("format")) return system;
  return `${system}\n\nYour answer is one JSON object, with nothing before or after it, that satisfies this JSON schema: ${JSON.stringify(jsonSchema)}`;
}

/** Content blocks go back as they came, as far as the API takes them. */
function echoed({ role, content }: ConversationMessage): ConversationMessage {
  const isAnswer = role === "assistant" && typeof content !== "string";
  return { role, content: isAnswer ? echoable(content) : content };
}

/** An agent with tools sends the whole conversation with each turn, so its current end is marked for the cache. */
function cachedToHere(messages: readonly ConversationMessage[]): readonly ConversationMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "user" || typeof last.content === "string") return messages;
  const blocks = last.content.map((block, index, all) =>
    index === all.length - 1 && typeof block === "object" ? { ...block, ...CACHED } : block,
  );
  return [...messages.slice(0, -1), { ...last, content: blocks }];
}
