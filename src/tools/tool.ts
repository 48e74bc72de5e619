import type { ToolAskPolicy } from "../domain/tool-policy.ts";
import type { ProcessScope } from "../processes/process-scope.ts";
import type { Workspace } from "./workspace.ts";

/** What a tool does to the world. Reads of one turn run side by side; writes one after another, and may have to be asked for. */
export type ToolEffect = "reads" | "writes";

/**
 * Something that an agent may call while it works on a task. Input is what the model wrote, checked by nobody yet: a
 * tool says what is wrong with it in an output that is an error.
 */
export interface Tool {
  /** As agents name it: `Read`, `Bash`, `mcp__server__tool`; at most 64 of letters, digits, `_` and `-`. */
  readonly name: string;
  readonly description: string;
  /** JSON schema of type object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly effect: ToolEffect;
  /** Whether a human is asked before it runs, where the run does not say; `writes` by default. */
  readonly ask?: ToolAskPolicy;
  /** @throws a MemoryExceededError, or the signal's reason when it aborts; any other trouble is an output. */
  run(input: unknown, context: ToolContext): Promise<ToolOutput>;
}

/** On whose behalf a tool runs, and within which bounds. */
export interface ToolContext {
  /** Aborted when the attempt is over: nothing that the tool started may outlive it. */
  readonly signal: AbortSignal;
  /** The task as `thread/task`. */
  readonly agent: string;
  readonly workspace: Workspace;
  readonly memory: ProcessScope;
  /** Tells people who watch, in one sentence, what it is at. */
  readonly tell: (note: string) => void;
}

/** What the model is told. Of any length: what it is shown of it is bounded by who calls the tool. */
export interface ToolOutput {
  readonly content: string;
  readonly isError: boolean;
}
