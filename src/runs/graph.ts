/** The methods that a workflow needs: every compiled LangGraph graph has them. */
export interface CompiledGraph {
  withConfig(config: object): unknown;
  getState(config: object, options?: object): Promise<GraphState>;
  updateState(
    config: object,
    values: unknown,
    asNode?: string,
  ): Promise<{ readonly configurable?: Readonly<Record<string, unknown>> | undefined }>;
  _streamIterator(input: unknown, options?: StreamOptions): AsyncGenerator<unknown>;
}

/** The part of a thread's state that shows how a run ended. */
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
    /** The thrown error, if any. */
    readonly error?: unknown;
    readonly interrupts: readonly { readonly id?: string; readonly value?: unknown }[];
  }[];
}

/** The options of one run, which LangGraph passes on from invoke, stream, streamEvents and the server. */
export interface StreamOptions {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: unknown;
  readonly signal?: AbortSignal | undefined;
}
