import type { ServerWork } from "../domain/price.ts";
import type { ServerToolName } from "../tools/server-tools.ts";
import type { ToolDefinition } from "./transport.ts";

/**
 * The most tokens that one use adds to the prompt. A search adds about 7,000 (the example in Anthropic's documentation of
 * usage). A fetch is limited to `PAGE_TOKENS`, which the API keeps roughly.
 */
const SEARCH_TOKENS = 8000;
const PAGE_TOKENS = 5000;
const FETCH_TOKENS = 6000;
const RUN_TOKENS = 4000;
/** The API pauses a turn after so many uses of its tools. Code execution has no other limit. */
const RUNS_A_TURN = 10;

/**
 * A server tool in the API's format. These are not the newest versions, which run code to filter their results and make a
 * call's cost harder to bound.
 *
 * @param maxUses - how often one call may use it.
 */
export function serverToolDefinition(name: ServerToolName, maxUses: number): ToolDefinition {
  switch (name) {
    case "WebSearch":
      return { type: "web_search_20250305", name: "web_search", max_uses: maxUses };
    case "WebFetch":
      return {
        type: "web_fetch_20250910",
        name: "web_fetch",
        max_uses: maxUses,
        max_content_tokens: PAGE_TOKENS,
      };
    case "CodeExecution":
      return { type: "code_execution_20250825", name: "code_execution" };
  }
}

/** The most uses of the API's own tools within one call that has these. */
export function serverWorkAtMost(tools: readonly ToolDefinition[] = []): ServerWork {
  const usesOf = (type: string, otherwise = 0) => {
    const tool = tools.find((one) => typeof one["type"] === "string" && one["type"].startsWith(type));
    return tool ? Number(tool["max_uses"] ?? otherwise) : 0;
  };
  const searches = usesOf("web_search_");
  const fetches = usesOf("web_fetch_");
  const runs = usesOf("code_execution_", RUNS_A_TURN);
  return {
    uses: searches + fetches + runs,
    tokens: searches * SEARCH_TOKENS + fetches * FETCH_TOKENS + runs * RUN_TOKENS,
    webSearches: searches,
    codeRuns: runs > 0 ? 1 : 0,
  };
}
