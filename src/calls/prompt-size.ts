import type { AskedTurn } from "./transport.ts";

/** The most tokens of a request's frame, its roles and its format. */
const FRAME_TOKENS = 500;
/** The same for the API's own prompt about tools (about 350, by Anthropic's documentation of tool use). */
const TOOL_FRAME_TOKENS = 500;
/** The margin for a server's own count, which it calls an estimate. */
const COUNT_MARGIN = 1.05;
/** Fewer bytes than a token has in most texts. */
export const FEW_BYTES_PER_TOKEN = 3;
/** English prose has about four bytes a token; code has fewer. */
const BYTES_PER_TOKEN = 3.5;

/** An upper bound of the input tokens: a token is at least one byte, and the frame is small. */
export function promptTokensAtMost(request: AskedTurn): number {
  return promptBytes(request) + FRAME_TOKENS + (request.tools?.length ? TOOL_FRAME_TOKENS : 0);
}

/** An upper bound from the server's own count. */
export function promptTokensCounted(counted: number): number {
  return Math.ceil(counted * COUNT_MARGIN) + FRAME_TOKENS / 10;
}

/** An estimate of the input tokens for rate limits, where errors cost little. */
export function promptTokensAbout(request: AskedTurn): number {
  return Math.ceil(promptBytes(request) / BYTES_PER_TOKEN);
}

function promptBytes({ tools, system, prompt, continued, jsonSchema, foreign }: AskedTurn): number {
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
