import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { TurnContent } from "../../calls/turn.ts";
import { UsageError } from "../../domain/errors.ts";

const blockSchema = z.looseObject({ type: z.string() });
const contentSchema = z.union([z.string(), z.array(blockSchema)]);
const bodySchema = z.looseObject({
  model: z.string(),
  max_tokens: z.number().optional(),
  stream: z.boolean().optional(),
  system: contentSchema.optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().optional() }).optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: contentSchema })),
});
type Body = z.infer<typeof bodySchema>;
type Block = z.infer<typeof blockSchema>;

/** A request of Claude Code to the Messages API, as a turn. */
export interface CodeTurn {
  readonly content: TurnContent;
  readonly model: string;
  /** Its number in the conversation: one more than the answers before it. */
  readonly turn: number;
  /** The text of its conversation's first message. */
  readonly prompts: string;
  /** Its limit for output tokens. */
  readonly maxTokens: number | undefined;
  readonly isStream: boolean;
}

/** Headers that change the meaning of a body for the API. */
const HEADERS = ["anthropic-version", "anthropic-beta"] as const;

/**
 * Makes a request of Claude Code trusted. Removes a wish for an hour in the prompt cache, so that a cache write has the
 * reserved price.
 *
 * @throws UsageError when it is invalid.
 */
export function parseCodeTurn(value: unknown, headers: IncomingHttpHeaders): CodeTurn {
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) throw new UsageError(`not a request for a message: ${z.prettifyError(parsed.error)}`);
  const body = bodySchema.parse(withCacheControl(parsed.data, { type: "ephemeral" }));
  const kept = HEADERS.flatMap((name) => {
    const header = headers[name];
    return typeof header === "string" ? [[name, header]] : [];
  });
  return {
    content: {
      // For the size of the cache prefix, and the cost of the API's own tools among them.
      ...(body.tools && { tools: body.tools }),
      system: JSON.stringify(ownSystem(body)),
      prompt: "",
      foreign: { body, headers: Object.fromEntries(kept), identity: identityOf(body) },
    },
    model: body.model,
    turn: 1 + body.messages.filter((message) => message.role === "assistant").length,
    prompts: textOf(body.messages.find(({ role }) => role === "user")?.content ?? ""),
    maxTokens: body.max_tokens,
    isStream: body.stream === true,
  };
}

/**
 * The parts that identify a request: the model, our own prompt, the tools' names, and the conversation. Leaves out what
 * Claude Code adds and what differs after a restart: the day, the folder, session ids, cache marks, and the sentence that
 * continues an interrupted session.
 */
function identityOf(body: Body): string {
  const said = body.messages
    .filter((message) => message.role !== "system")
    .map(({ role, content }) => ({ role, content: blocksOf(content).filter((block) => !isAddition(block)) }));
  const identity = {
    model: body.model,
    system: ownSystem(body),
    tools: (body.tools ?? []).map((tool) => tool.name),
    toolChoice: body["tool_choice"],
    format: Object(body["output_config"]).format,
    said,
  };
  return JSON.stringify(withCacheControl(identity, undefined));
}

/** The system prompt without Claude Code's line about its own billing. */
function ownSystem({ system = [] }: Body): Block[] {
  return blocksOf(system).filter((block) => !`${block["text"]}`.startsWith("x-anthropic-billing-header"));
}

function isAddition(block: Block): boolean {
  const text = block.type === "text" && typeof block["text"] === "string" ? block["text"].trim() : "";
  return (
    /^<system-reminder>[\s\S]*<\/system-reminder>$/.test(text) || text === "Continue from where you left off."
  );
}

function textOf(content: string | readonly Block[]): string {
  return blocksOf(content)
    .map((block) => (typeof block["text"] === "string" ? block["text"] : ""))
    .join("\n");
}

function blocksOf(content: string | readonly Block[]): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** A copy with each `cache_control` replaced or removed. Does not look into a tool's schema and input. */
function withCacheControl(value: unknown, control: { type: "ephemeral" } | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => withCacheControl(item, control));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (name === "cache_control") return control ? [[name, control]] : [];
    return [[name, OPAQUE.has(name) ? inner : withCacheControl(inner, control)]];
  });
  return Object.fromEntries(entries);
}

const OPAQUE = new Set(["input", "input_schema"]);
