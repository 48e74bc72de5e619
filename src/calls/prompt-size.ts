import type { TurnRequest } from "./transport.ts";

/** Tokens that a request's frame, its roles and its format may come to. */
const FRAME_TOKENS = 500;
/** The same for what the API tells a model that has tools (about 350, by Anthropic's documentation of tool use). */
const TOOL_FRAME_TOKENS = 500;
/** By how much a server's own count may be too small: it calls it an estimate. */
const COUNT_MARGIN = 1.05;
/** English prose has about four bytes a token, code fewer. */
const BYTES_PER_TOKEN = 3.5;

/** Input tokens from above: a token is at least one byte, and the frame is small. */
export function promptTokensAtMost(request: TurnRequest): number {
  return promptBytes(request) + FRAME_TOKENS + (request.tools?.length ? TOOL_FRAME_TOKENS : 0);
}

/** The same from what the server counted. */
export function promptTokensCounted(counted: number): number {
  return Math.ceil(counted * COUNT_MARGIN) + FRAME_TOKENS / 10;
}

/** About how many input tokens it will be, for rate limits, where to be wrong costs little. */
export function promptTokensAbout(request: TurnRequest): number {
  return Math.ceil(promptBytes(request) / BYTES_PER_TOKEN);
}

function promptBytes({ tools, system, prompt, continued, jsonSchema, foreign }: TurnRequest): number {
  if (foreign) return Buffer.byteLength(JSON.stringify(foreign.body));
  const parts = [
    tools && JSON.stringify(tools),
    system,
    prompt,
    continued && JSON.stringify(continued),
    jsonSchema && JSON.stringify(jsonSchema),
  ];
  return parts.reduce((sum, part) => sum + (part ? Buffer.byteLength(part) : 0), 0);
}
