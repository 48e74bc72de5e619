import { toolProblem } from "../domain/tool-definition.ts";
import { blocksOf, type MessagesRequest, type RequestBlock } from "./request.ts";
import { signatureOf } from "./signature.ts";

/** Models that take no answer of which the beginning is given. */
const NO_PREFILL = /^claude-([a-z]+-5|[a-z]+-4-[6-9])/;

/** What the API refuses in tools and messages, in its words. @param isPaused - whether a message is a turn that paused. */
export function* contentProblems(
  request: MessagesRequest,
  isPaused: (content: readonly RequestBlock[]) => boolean,
): Generator<string> {
  yield* toolProblems(request);
  for (const [index, { role, content }] of request.messages.entries()) {
    const blocks = blocksOf(content);
    const isLast = index === request.messages.length - 1;
    if (blocks.length === 0 && !(isLast && role === "assistant")) {
      yield `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
    for (const [at, block] of blocks.entries())
      yield* blockProblems(block, `messages.${index}.content.${at}`);
  }
  yield* systemProblems(request);
  yield* callProblems(request);
  yield* thoughtProblems(request);
  const last = request.messages.at(-1);
  if (last?.role === "assistant" && NO_PREFILL.test(request.model) && !isPaused(blocksOf(last.content))) {
    yield "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
}

function* toolProblems({ tools }: MessagesRequest): Generator<string> {
  const names = (tools ?? []).map(({ name }) => name);
  if (new Set(names).size < names.length) yield "tools: Tool names must be unique.";
  for (const [index, { type = "custom", name = "", input_schema }] of (tools ?? []).entries()) {
    if (type !== "custom") continue;
    const problem = toolProblem({ name, input_schema: input_schema ?? {} });
    if (problem) yield `tools.${index}.custom.${problem}`;
  }
}

function* systemProblems({ system }: MessagesRequest): Generator<string> {
  if (typeof system === "string") return;
  if (blocksOf(system).some(({ text }) => text === "")) yield "system: text content blocks must be non-empty";
}

function* blockProblems({ type, text, input, content }: RequestBlock, path: string): Generator<string> {
  if (type === "text" && text === "") yield "messages: text content blocks must be non-empty";
  else if (type === "text" && `${text}`.trim() === "") {
    yield "messages: text content blocks must contain non-whitespace text";
  }
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  if (type.endsWith("tool_use") && !isObject)
    yield `${path}.${type}.input: Input should be a valid dictionary`;
  if (type === "tool_result" && Array.isArray(content)) {
    if (content.some((part) => part?.type === "text" && part.text === "")) {
      yield "messages: text content blocks must be non-empty";
    }
  }
}

/** Each result belongs to a call in the message before, and each call has an id of its own. */
function* callProblems({ messages }: MessagesRequest): Generator<string> {
  const seen = new Set<unknown>();
  for (const [index, { role, content }] of messages.entries()) {
    const before = callIds(
      messages.slice(0, index).findLast((message) => message.role === "assistant")?.content,
    );
    for (const [at, block] of blocksOf(content).entries()) {
      const id = block["tool_use_id"];
      if (role === "user" && block.type === "tool_result" && !before.has(id)) {
        yield `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
      }
      if (block.type !== "tool_use") continue;
      if (seen.has(block["id"])) yield `messages.${index}.content.${at}: \`tool_use\` ids must be unique`;
      seen.add(block["id"]);
    }
  }
}

function callIds(content: MessagesRequest["system"]): Set<unknown> {
  return new Set(blocksOf(content).flatMap((block) => (block.type === "tool_use" ? [block["id"]] : [])));
}

/** Thoughts come back as they were, in their place, to the model that had them. */
function* thoughtProblems({ model, messages }: MessagesRequest): Generator<string> {
  let answers = 0;
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== "assistant") continue;
    for (const [at, block] of blocksOf(content).entries()) {
      if (block.type !== "thinking") continue;
      const signature = signatureOf({ model, thinking: `${block["thinking"]}`, answers, place: at });
      if (block["signature"] !== signature) {
        yield `messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`;
      }
    }
    answers += 1;
  }
}
