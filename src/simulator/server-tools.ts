import { createHash } from "node:crypto";
import type { AnswerBlock } from "./answer-block.ts";
import { type MessagesRequest, type RequestTool, tokensOf } from "./request.ts";

/** A call of a tool, by the API or by the client. */
export interface WantedCall {
  readonly name: string;
  readonly input: unknown;
}

/** The work of the API's own tools within a turn. */
export interface ServerUse {
  /** Prompt tokens of their results. */
  readonly tokens: number;
  readonly uses: number;
  readonly webSearches: number;
  readonly webFetches: number;
  readonly codeRuns: number;
}

export const NO_SERVER_USE: ServerUse = { tokens: 0, uses: 0, webSearches: 0, webFetches: 0, codeRuns: 0 };

const SERVER_TYPES = /^(web_search|web_fetch|code_execution)_\d+$/;

/** The request's tool with this name, if the API runs it. */
export function serverTool({ tools }: MessagesRequest, name: string): RequestTool | undefined {
  return (tools ?? []).find((tool) => tool.name === name && SERVER_TYPES.test(tool.type ?? ""));
}

/** Plays calls of the API's own tools. Each makes a block for the use and one for the result, as in the API. */
export function playServerTools(
  request: MessagesRequest,
  calls: readonly WantedCall[],
): { readonly blocks: readonly AnswerBlock[]; readonly use: ServerUse } {
  const blocks: AnswerBlock[] = [];
  const done = new Map<string, number>();
  let tokens = 0;
  for (const [index, { name, input }] of calls.entries()) {
    const count = (done.get(name) ?? 0) + 1;
    const isAllowed = count <= Number(serverTool(request, name)?.["max_uses"] ?? Number.POSITIVE_INFINITY);
    if (isAllowed) done.set(name, count);
    const id = idOf(name, index, request);
    const result = resultOf(name, id, input, isAllowed);
    tokens += tokensOf(JSON.stringify(result));
    blocks.push({ type: "server_tool_use", id, name: usedName(name), input }, result);
  }
  const usesOf = (name: string) => done.get(name) ?? 0;
  const [webSearches, webFetches] = [usesOf("web_search"), usesOf("web_fetch")];
  const codeRuns = usesOf("code_execution") > 0 ? 1 : 0;
  return { blocks, use: { tokens, uses: calls.length, webSearches, webFetches, codeRuns } };
}

/** Code execution is one tool in the request, and several in the answer. */
function usedName(name: string): string {
  return name === "code_execution" ? "bash_code_execution" : name;
}

function idOf(name: string, index: number, { messages }: MessagesRequest): string {
  const asked = `${name} ${index} ${JSON.stringify(messages)}`;
  return `srvtoolu_${createHash("sha256").update(asked).digest("hex").slice(0, 24)}`;
}

function resultOf(name: string, id: string, input: unknown, isAllowed: boolean): AnswerBlock {
  const type = `${usedName(name)}_tool_result` as const;
  const content = isAllowed
    ? contentOf(name, input)
    : { type: `${type}_error`, error_code: "max_uses_exceeded" };
  return { type, tool_use_id: id, content };
}

/** Made from the call's own words, like all texts of the simulator. */
function contentOf(name: string, input: unknown): unknown {
  const asked = Object.values({ ...Object(input) })
    .map(String)
    .join(" ");
  if (name === "web_search") return [1, 2].map((number) => foundPage(asked, number));
  if (name === "web_fetch") return fetchedPage(asked);
  return {
    type: "bash_code_execution_result",
    return_code: 0,
    stderr: "",
    content: [],
    stdout: `Simulated: "${asked}" was not run.\n`,
  };
}

function foundPage(asked: string, number: number): object {
  return {
    type: "web_search_result",
    title: `Simulated page ${number} about ${asked}`,
    page_age: null,
    url: `https://example.org/${number}?q=${encodeURIComponent(asked)}`,
    encrypted_content: Buffer.from(`Simulated: no search for "${asked}".`).toString("base64"),
  };
}

function fetchedPage(url: string): object {
  const data = `Simulated: ${url} was not fetched.`;
  return {
    type: "web_fetch_result",
    url,
    retrieved_at: null,
    content: {
      type: "document",
      title: url,
      citations: null,
      source: { type: "text", media_type: "text/plain", data },
    },
  };
}
