/** How a renderer writes: for which width, in colour or not, and against which moment ages are told. */
export interface RenderOptions {
  readonly columns: number;
  readonly color: boolean;
  /** In ms since 1970; default: now. */
  readonly nowMs?: number;
}

/** How to write to a stream: some terminals do not know their width and say 0. */
export function pageFor(
  { columns }: { readonly columns?: number | undefined },
  color: boolean,
): RenderOptions {
  return { columns: Math.max(20, columns || 80), color };
}
