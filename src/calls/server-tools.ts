import type { ServerWork } from "../domain/price.ts";
import type { ServerToolName } from "../tools/server-tools.ts";
import type { ToolDefinition } from "./transport.ts";

/**
 * What one use adds to the prompt at most, in tokens. A search brings about 7,000 (the example in Anthropic's
 * documentation of usage); of a page the API is told to take no more than `PAGE_TOKENS`, which it keeps to roughly.
 */
const SEARCH_TOKENS = 8000;
const PAGE_TOKENS = 5000;
const FETCH_TOKENS = 6000;
const RUN_TOKENS = 4000;
/** The API lets a turn run so many uses of its tools before it pauses; code execution has no bound of its own. */
const RUNS_A_TURN = 10;

/**
 * A server tool as the API is told of it. Not the newest versions: those run code to filter what they found, which makes a
 * call's cost harder to bound; these are called directly.
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

/** What the API's own tools may do at most within one call that is told of these. */
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
