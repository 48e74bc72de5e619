import type { ProcessScope } from "../processes/process-scope.ts";
import type { ServerToolName } from "./server-tools.ts";
import type { Tool } from "./tool.ts";
import type { Workspace } from "./workspace.ts";

/** What one agent of a thread may use. */
export interface AgentTools {
  /**
   * Opens the tools for one attempt; servers that they need are started with its memory.
   *
   * @throws ToolError when one of them cannot be had.
   */
  open(scope: ToolScope): Promise<OpenTools>;
  /** Whether a human must be asked before this tool is run. */
  mustAsk(tool: Tool): boolean;
}

/** The attempt that tools are opened for. */
export interface ToolScope {
  /** The task as `thread/task`. */
  readonly agent: string;
  readonly memory: ProcessScope;
  readonly signal: AbortSignal;
  /** Tells people what they should know of, in a sentence. */
  readonly tell: (note: string) => void;
}

/** Tools that are ready, each name once and in an order that is always the same: it is part of the prompt. */
export interface OpenTools {
  readonly workspace: Workspace;
  readonly tools: readonly Tool[];
  /** Those that Anthropic's servers run, and how often one call may use each. */
  readonly serverTools: readonly { readonly name: ServerToolName; readonly maxUses: number }[];
  close(): Promise<void>;
}
