/** How a thing stands that Decurion needs: fine, working but not as it should be, or in the way. */
export type Level = "fine" | "doubtful" | "broken";

/** One line of a check-up. `fix` is what a person can do; Decurion does none of it by itself. */
export interface Finding {
  readonly topic: string;
  readonly level: Level;
  readonly says: string;
  readonly fix?: string;
}
