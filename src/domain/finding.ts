/** The result of one check: fine, usable with a problem, or unusable. */
export type Level = "fine" | "doubtful" | "broken";

/** One line of `doctor`. `fix` is for the user: Decurion does not apply it. */
export interface Finding {
  readonly topic: string;
  readonly level: Level;
  readonly says: string;
  readonly fix?: string;
}
