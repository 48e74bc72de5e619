/** A saved state of a thread, from which a fork can continue. */
export interface Checkpoint {
  readonly id: string;
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly at: string;
  /** Its origin: `input`, `loop`, `update` or `fork`. */
  readonly source: string;
  readonly step: number;
  /** The next nodes; none at the end. */
  readonly next: readonly string[];
  /** Its state in a few words. */
  readonly summary: string;
}
