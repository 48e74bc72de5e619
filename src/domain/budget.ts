/** The limits on spending. `account`: the limit of the Claude account, whose amount is unknown here. */
export const CEILINGS = ["thread", "task", "day", "account", "outage"] as const;
export type Ceiling = (typeof CEILINGS)[number];
