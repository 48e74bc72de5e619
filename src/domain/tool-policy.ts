/** Which tool calls a human is asked about, laxest first. `writes`: those of tools that change something. */
export const ASK_POLICIES = ["never", "writes", "always"] as const;
export type ToolAskPolicy = (typeof ASK_POLICIES)[number];
/** Whether a human is asked about a thing at all. */
export type Ask = Exclude<ToolAskPolicy, "writes">;

/** Who has a say about whether a call is asked. */
export interface AskPolicies {
  /** The person who started the run; takes the place of the tool's own. */
  readonly run: ToolAskPolicy | undefined;
  /** The agent's file. It can only make the policy stricter: files come from strangers. */
  readonly agent: ToolAskPolicy | undefined;
  /** The tool itself; `writes` where it says nothing. */
  readonly tool: ToolAskPolicy | undefined;
}

/** Whether a human must be asked before a tool with this effect is called. */
export function mustAsk(effect: "reads" | "writes", { run, agent, tool }: AskPolicies): boolean {
  const policy = stricter(run ?? tool ?? "writes", agent ?? "never");
  return policy === "always" || (policy === "writes" && effect === "writes");
}

function stricter(one: ToolAskPolicy, other: ToolAskPolicy): ToolAskPolicy {
  return ASK_POLICIES.indexOf(one) > ASK_POLICIES.indexOf(other) ? one : other;
}
