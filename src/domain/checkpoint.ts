/** A point of a thread's past, which a fork can go on from. */
export interface Checkpoint {
  readonly id: string;
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly at: string;
  /** Who made it: `input`, `loop`, `update` or `fork`. */
  readonly source: string;
  readonly step: number;
  /** The nodes that come next; none at the end. */
  readonly next: readonly string[];
  /** What the state there holds, in a few words. */
  readonly summary: string;
}
