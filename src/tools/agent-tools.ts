import type { ProcessScope } from "../processes/process-scope.ts";
import type { JudgedCall } from "./rules/rule-kind.ts";
import type { ServerToolName } from "./server-tools.ts";
import type { Tool } from "./tool.ts";
import type { Workspace } from "./workspace.ts";

/** What one agent of a thread may use. */
export interface AgentTools {
  /**
   * Opens the tools for one attempt and starts the servers that they need, within its memory limit.
   *
   * @throws ToolError when one of them is not available.
   */
  open(scope: ToolScope): Promise<OpenTools>;
  /** Whether a human must allow each call of this tool. */
  mustAsk(tool: Tool): boolean;
  /** Why the rules of the agent's file forbid a call, for the agent; undefined when they do not. */
  whyForbidden(call: JudgedCall, workspace: Workspace): string | undefined;
}

/** The attempt that the tools work for. */
export interface ToolScope {
  /** The task as `thread/task`. */
  readonly agent: string;
  readonly memory: ProcessScope;
  readonly signal: AbortSignal;
  /** Shows people a note, one sentence. */
  readonly tell: (note: string) => void;
}

/** Tools that are ready. Each name is there once, in a fixed order, because the list is part of the prompt. */
export interface OpenTools {
  readonly workspace: Workspace;
  readonly tools: readonly Tool[];
  /** The tools that Anthropic's servers run, and how often one call may use each. */
  readonly serverTools: readonly { readonly name: ServerToolName; readonly maxUses: number }[];
  close(): Promise<void>;
}
