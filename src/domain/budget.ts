/** Which limit a call would pass. `account`: Claude's own, whose amount is not known here. */
export const CEILINGS = ["thread", "task", "day", "account"] as const;
export type Ceiling = (typeof CEILINGS)[number];
