import { createHash } from "node:crypto";
import type { AnswerBlock } from "./answer-block.ts";
import { createChance, seedOf } from "./chance.ts";
import { composeAnswer } from "./compose.ts";
import {
  ANSWER_TOOL,
  blocksOf,
  type MessagesRequest,
  promptOf,
  type RequestTool,
  systemOf,
  tokensOf,
} from "./request.ts";
import type { ScriptedAnswer } from "./scenario.ts";
import {
  NO_SERVER_USE,
  playServerTools,
  type ServerUse,
  serverTool,
  type WantedCall,
} from "./server-tools.ts";
import { signatureOf } from "./signature.ts";
import { valueFromSchema } from "./value-from-schema.ts";

/** A complete answer, before it is sent. */
export interface Answer {
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason:
    | "end_turn"
    | "max_tokens"
    | "model_context_window_exceeded"
    | "stop_sequence"
    | "tool_use"
    | "pause_turn"
    | "refusal";
  readonly stopSequence: string | null;
  readonly outputTokens: number;
  /** The work of the API's own tools. */
  readonly serverUse: ServerUse;
  /** The text that had no more room: the answer goes on with it when it is asked for. */
  readonly rest?: string;
}

/** Chooses the answer: the script's, a forced tool call, or one composed from the prompt. */
export function makeAnswer(
  request: MessagesRequest,
  scripted: ScriptedAnswer | undefined,
  seed: number,
  rest?: string,
): Answer {
  if (rest !== undefined && !scripted) return bounded([], request, rest);
  const wanted = wantedCalls(request, scripted);
  const isServers = ({ name }: WantedCall) => serverTool(request, name) !== undefined;
  const { blocks, use } = playServerTools(request, wanted.filter(isServers));
  const before = [...thinkingFor(request), ...blocks];
  const calls = wanted.filter((call) => !isServers(call));
  const answer = answerAfter(before, request, { scripted, calls, seed });
  return { ...answer, serverUse: use };
}

function answerAfter(
  before: readonly AnswerBlock[],
  request: MessagesRequest,
  {
    scripted,
    calls,
    seed,
  }: { scripted: ScriptedAnswer | undefined; calls: readonly WantedCall[]; seed: number },
): Answer {
  if (calls.length > 0) {
    const said: AnswerBlock[] = scripted?.text ? [{ type: "text", text: scripted.text }] : [];
    return cutCall(finish([...before, ...said, ...toolUses(request, calls)], "tool_use", null), request);
  }
  const chance = createChance(seedOf(`${systemOf(request)}\n${promptOf(request)}`, seed));
  const whole = scriptedText(scripted) ?? composeAnswer(request, chance);
  const answer = scripted?.text === undefined ? answerByTool(request, whole) : undefined;
  if (answer) return finish([...before, answer], "tool_use", null);
  if (scripted?.pause) return finish([...before, { type: "text", text: whole }], "pause_turn", null);
  if (scripted?.cut) return finish([...before, { type: "text", text: whole }], CUT[scripted.cut], null);
  return bounded(before, request, whole);
}

const CUT = { answer: "max_tokens", window: "model_context_window_exceeded" } as const;

/** A text up to a stop sequence, or as far as there is room. */
function bounded(before: readonly AnswerBlock[], request: MessagesRequest, whole: string): Answer {
  const { text, stopSequence } = upToStop(whole, request.stop_sequences ?? []);
  const left = request.max_tokens - tokensOfBlocks(before);
  if (tokensOf(text) > left) return cutOff(before, text, left);
  const stopReason = stopSequence === null ? "end_turn" : "stop_sequence";
  return finish([...before, { type: "text", text }], stopReason, stopSequence);
}

/** The answer of a model that refuses. */
export function refusal(): Answer {
  return finish([{ type: "text", text: "I can't help with that." }], "refusal", null);
}

/** An answer that stops in the middle, as if it reached max_tokens. */
export function cutInHalf({ blocks }: Answer): Answer {
  const text = blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
  return cutOff([], text, Math.ceil(text.length / 8));
}

/** An answer without any text. */
export function emptyAnswer(): Answer {
  return finish([], "end_turn", null);
}

function finish(
  blocks: readonly AnswerBlock[],
  stopReason: Answer["stopReason"],
  stopSequence: string | null,
): Answer {
  const outputTokens = Math.max(1, tokensOfBlocks(blocks));
  return { blocks, stopReason, stopSequence, outputTokens, serverUse: NO_SERVER_USE };
}

function cutOff(thinking: readonly AnswerBlock[], text: string, tokens: number): Answer {
  const at = Math.max(0, tokens) * 4;
  const answer = finish([...thinking, { type: "text", text: text.slice(0, at) }], "max_tokens", null);
  return { ...answer, rest: text.slice(at) };
}

/** An answer with calls that has no room for the last one. */
function cutCall(answer: Answer, { max_tokens }: MessagesRequest): Answer {
  const last = answer.blocks.at(-1);
  const tooMany = answer.outputTokens - max_tokens;
  if (tooMany <= 0 || last?.type !== "tool_use") return answer;
  const json = contentOf(last);
  const input = json.slice(0, Math.max(1, json.length - 4 * tooMany - 1));
  return finish([...answer.blocks.slice(0, -1), { ...last, input }], "max_tokens", null);
}

function tokensOfBlocks(blocks: readonly AnswerBlock[]): number {
  return blocks.reduce((sum, block) => sum + tokensOf(contentOf(block)), 0);
}

/** The part of a block that is streamed in pieces: the model's text. */
export function contentOf(block: AnswerBlock): string {
  if (block.type === "text") return block.text;
  if (block.type === "thinking") return block.thinking;
  if (!("input" in block)) return "";
  return typeof block.input === "string" ? block.input : JSON.stringify(block.input);
}

const THOUGHT = "The prompt's own sentences are what I can answer with.";

function thinkingFor({ thinking, model, messages }: MessagesRequest): AnswerBlock[] {
  if (thinking?.type !== "enabled" && thinking?.type !== "adaptive") return [];
  const answers = messages.filter(({ role }) => role === "assistant").length;
  const signature = signatureOf({ model, thinking: THOUGHT, answers, place: 0 });
  return [{ type: "thinking", thinking: THOUGHT, signature }];
}

/** The answer as a call of Claude Code's tool for structured output, if the request offers it. */
function answerByTool({ tools, messages }: MessagesRequest, json: string): AnswerBlock | undefined {
  if (!tools?.some(({ name }) => name === ANSWER_TOOL)) return undefined;
  return {
    type: "tool_use",
    id: toolUseId(ANSWER_TOOL, 0, messages),
    name: ANSWER_TOOL,
    input: JSON.parse(json),
  };
}

/** Unique for each turn, as in the API. */
function toolUseId(name: string, index: number, messages: MessagesRequest["messages"]): string {
  const asked = `${name} ${index} ${JSON.stringify(messages)}`;
  return `toolu_${createHash("sha256").update(asked).digest("hex").slice(0, 24)}`;
}

function wantedCalls(request: MessagesRequest, scripted: ScriptedAnswer | undefined): readonly WantedCall[] {
  const last = request.messages.at(-1);
  const isAfterResult = blocksOf(last?.content).some((block) => block.type === "tool_result");
  return scripted ? (scripted.tools ?? []) : isAfterResult ? [] : unscriptedCalls(request);
}

function toolUses({ messages }: MessagesRequest, calls: readonly WantedCall[]): AnswerBlock[] {
  return calls.map(({ name, input }, index) => ({
    type: "tool_use",
    id: toolUseId(name, index, messages),
    name,
    input,
  }));
}

function unscriptedCalls(request: MessagesRequest) {
  const forced = forcedCalls(request);
  return forced.length > 0 ? forced : callsInPrompt(request);
}

const CALL_LINE = /^call ([\w-]+) (\{.*\})\s*$/gm;

/** Lines of the prompt like `call Read {"file_path":"a.txt"}`, for tools of the request. */
function callsInPrompt(request: MessagesRequest): { name: string; input: unknown }[] {
  const names = new Set((request.tools ?? []).map((tool) => tool.name));
  if (names.size === 0) return [];
  return [...promptOf(request).matchAll(CALL_LINE)].flatMap(([, name = "", json = ""]) => {
    const input = names.has(name) ? parseOr(json) : undefined;
    return input === undefined ? [] : [{ name, input }];
  });
}

function parseOr(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // The line only looks like a call.
  }
}

function forcedCalls({ tools, tool_choice }: MessagesRequest): { name: string; input: unknown }[] {
  if (!tool_choice || !["any", "tool"].includes(tool_choice.type)) return [];
  const tool = (tools ?? []).find((one) => tool_choice.type === "any" || one.name === tool_choice.name);
  return tool?.name ? [{ name: tool.name, input: inputFor(tool) }] : [];
}

function inputFor(tool: RequestTool): unknown {
  return valueFromSchema(tool.input_schema ?? { type: "object" }, { textFor: (name) => name });
}

function scriptedText(scripted: ScriptedAnswer | undefined): string | undefined {
  return scripted?.json === undefined ? scripted?.text : JSON.stringify(scripted.json);
}

function upToStop(text: string, sequences: readonly string[]): { text: string; stopSequence: string | null } {
  const found = sequences
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  return found
    ? { text: text.slice(0, found.at), stopSequence: found.sequence }
    : { text, stopSequence: null };
}
