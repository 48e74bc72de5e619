import type { ToolAskPolicy } from "../domain/tool-policy.ts";
import type { ProcessScope } from "../processes/process-scope.ts";
import type { Workspace } from "./workspace.ts";

/** A tool's effect on the world. Reads of one turn run in parallel, writes one after another. A write may need approval. */
export type ToolEffect = "reads" | "writes";

/**
 * Something that an agent can call while it works on a task. The input comes unchecked from the model. The tool reports
 * invalid input as an output with `isError`.
 */
export interface Tool {
  /** The name for agents: `Read`, `Bash`, `mcp__server__tool`; letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  readonly description: string;
  /** JSON schema of type object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly effect: ToolEffect;
  /** Whether a human must allow each call, unless the run decides; by default when it writes. */
  readonly ask?: ToolAskPolicy;
  /** @throws a MemoryExceededError, or the signal's reason when it aborts. Any other failure is an output. */
  run(input: unknown, context: ToolContext): Promise<ToolOutput>;
}

/** The agent that a tool runs for, and its limits. */
export interface ToolContext {
  /** Aborted when the attempt is over. Nothing that the tool started may outlive it. */
  readonly signal: AbortSignal;
  /** The task as `thread/task`. */
  readonly agent: string;
  readonly workspace: Workspace;
  readonly memory: ProcessScope;
  /** Whether a person approved this very call, so that it may write what runs later. */
  readonly mayRunLater?: boolean;
  /** Shows people a note about its work, one sentence. */
  readonly tell: (note: string) => void;
}

/** The result for the model. It may have any length: the caller of the tool cuts it. */
export interface ToolOutput {
  readonly content: string;
  readonly isError: boolean;
}
