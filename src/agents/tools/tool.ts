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
  readonly memory: AgentMemory;
  /** Tells people who watch, in one sentence, what it is at. */
  readonly tell: (note: string) => void;
}

/** What the model is told. Of any length: what it is shown of it is bounded by who calls the tool. */
export interface ToolOutput {
  readonly content: string;
  readonly isError: boolean;
}

/** The folder that a thread's agents share and whose files they may touch. */
export interface Workspace {
  /** Absolute, without symbolic links; it exists. */
  readonly root: string;
}

/** The processes of one attempt and the memory that they may have together. */
export interface AgentMemory {
  /** On whose behalf, as `thread/task`. */
  readonly agent: string;
  readonly limitMb: number;
  /** Aborted with a MemoryExceededError when the bound was passed; all of the attempt's processes are dead then. */
  readonly exceeded: AbortSignal;
  /** Takes in a process that leads a group of its own, with all that it will start. */
  watch(pid: number): void;
}
