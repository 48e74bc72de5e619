/** How a renderer writes: for which width, in colour or not, and against which moment ages are told. */
export interface RenderOptions {
  readonly columns: number;
  readonly color: boolean;
  /** In ms since 1970; default: now. */
  readonly nowMs?: number;
}
