/** What a graph must be able to do to become a workflow: every compiled LangGraph graph can. */
export interface CompiledGraph {
  withConfig(config: object): unknown;
  getState(config: object, options?: object): Promise<GraphState>;
  _streamIterator(input: unknown, options?: StreamOptions): AsyncGenerator<unknown>;
}

/** A thread's state, as far as its end is read from it. */
export interface GraphState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly next: readonly string[];
  /** When its checkpoint was made; undefined for a thread without one. */
  readonly createdAt?: string | undefined;
  readonly config: { readonly configurable?: Readonly<Record<string, unknown>> | undefined };
  readonly tasks: readonly {
    readonly id: string;
    /** The node's name. */
    readonly name: string;
    /** What it threw, if it did. */
    readonly error?: unknown;
    readonly interrupts: readonly { readonly id?: string; readonly value?: unknown }[];
  }[];
}

/** Options of one run, as LangGraph hands them down from invoke, stream, streamEvents and the server. */
export interface StreamOptions {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: unknown;
  readonly signal?: AbortSignal | undefined;
}
