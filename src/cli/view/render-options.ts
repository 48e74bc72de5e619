/** The settings of a renderer. Ages are relative to `nowMs`. */
export interface RenderOptions {
  readonly columns: number;
  readonly color: boolean;
  /** In ms since 1970; default: now. */
  readonly nowMs?: number;
}

/** The settings for a stream. Some terminals report a width of 0. */
export function pageFor(
  { columns }: { readonly columns?: number | undefined },
  color: boolean,
): RenderOptions {
  return { columns: Math.max(20, columns || 80), color };
}

/** The width to wrap text to. Only a terminal has one: scripts get whole lines. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number | undefined }): number {
  return stream.isTTY ? pageFor(stream, false).columns : Number.POSITIVE_INFINITY;
}
