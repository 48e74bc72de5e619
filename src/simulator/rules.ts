import type { PriceTable } from "../domain/price.ts";
import { ApiError } from "./api-error.ts";
import { contentProblems } from "./content-rules.ts";
import {
  blocksOf,
  cacheableParts,
  type MessagesRequest,
  promptTokens,
  type RequestBlock,
} from "./request.ts";

const NO_FORCED_TOOLS = /^claude-(opus-5-5|sonnet-5-5|fable-5-[1-9])/;
const ALWAYS_THINKS = /^claude-opus-5-5/;
const NO_SAMPLING = /^claude-[a-z]+-5/;
const SAMPLING = ["temperature", "top_p", "top_k"] as const;
const MAX_BREAKPOINTS = 4;

/**
 * Checks the API's rules for a request to a model.
 *
 * @param isPaused - whether a message is a turn that paused.
 * @throws ApiError 404 for an unknown model, 400 for a request that the model refuses, in the API's words.
 */
export function checkRules(
  request: MessagesRequest,
  prices: PriceTable,
  isPaused: (content: readonly RequestBlock[]) => boolean,
): void {
  const model = limitsOf(request.model, prices);
  for (const problem of problemsOf(request, model)) throw new ApiError(400, problem);
  for (const problem of contentProblems(request, isPaused)) throw new ApiError(400, problem);
}

/** @throws ApiError 404 */
export function limitsOf(name: string, prices: PriceTable) {
  const key = [name, name.replace(/-\d{8}$/, "")].find((id) => Object.hasOwn(prices.models, id));
  const model = key === undefined ? undefined : prices.models[key];
  if (!model) throw new ApiError(404, `model: ${name}`);
  return model;
}

function* problemsOf(
  request: MessagesRequest,
  { maxOutput, contextWindow }: { maxOutput: number; contextWindow: number },
): Generator<string> {
  const { model, max_tokens, thinking, tool_choice } = request;
  if (max_tokens > maxOutput) {
    yield `max_tokens: ${max_tokens} > ${maxOutput}, which is the maximum allowed number of output tokens for ${model}`;
  }
  const tokens = promptTokens(request);
  if (tokens > contextWindow) yield `prompt is too long: ${tokens} tokens > ${contextWindow} maximum`;
  const sampling = NO_SAMPLING.test(model) ? SAMPLING.find((name) => request[name] !== undefined) : undefined;
  if (sampling) yield `${sampling}: not supported by ${model}`;
  const forced = tool_choice && ["any", "tool"].includes(tool_choice.type);
  if (forced && NO_FORCED_TOOLS.test(model))
    yield `tool_choice: forced tool use is not supported by ${model}`;
  if (forced && !request.tools?.length) yield "tool_choice: may only be given together with tools";
  if (thinking?.type === "disabled" && ALWAYS_THINKS.test(model))
    yield `thinking: cannot be disabled for ${model}`;
  if (thinking?.budget_tokens !== undefined && thinking.budget_tokens >= max_tokens) {
    yield "thinking.budget_tokens: must be less than max_tokens";
  }
  if (cacheableParts(request).filter((part) => part.ttl).length > MAX_BREAKPOINTS) {
    yield `A maximum of ${MAX_BREAKPOINTS} blocks with cache_control may be provided`;
  }
  yield* callsWithoutResults(request);
  if (request.messages[0]?.role === "assistant") yield "messages: first message must use the user role";
}

/** Calls without results in the next message. */
function* callsWithoutResults({ messages }: MessagesRequest): Generator<string> {
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== "assistant") continue;
    const results = new Set(blocksOf(messages[index + 1]?.content).map((block) => block["tool_use_id"]));
    const open = blocksOf(content).find((block) => block.type === "tool_use" && !results.has(block["id"]));
    if (!open) continue;
    yield `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open["id"]}`;
  }
}
