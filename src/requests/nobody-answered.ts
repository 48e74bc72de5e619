/** The message of a default decision at a deadline. */
export const NOBODY_ANSWERED = "Nobody answered in time.";
