/** What a decision says that is made at a deadline. */
export const NOBODY_ANSWERED = "Nobody answered in time.";
