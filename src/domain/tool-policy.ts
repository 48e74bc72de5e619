/** The tool calls that a human must approve, laxest first. `writes`: calls of tools that change something. */
export const ASK_POLICIES = ["never", "writes", "always"] as const;
export type ToolAskPolicy = (typeof ASK_POLICIES)[number];
/** Whether a human is asked. */
export type Ask = Exclude<ToolAskPolicy, "writes">;

/** The policies for one tool call. */
export interface AskPolicies {
  /** Set for the run; replaces the tool's policy. */
  readonly run: ToolAskPolicy | undefined;
  /** Set in the agent's file. It can only make the policy stricter: files may come from strangers. */
  readonly agent: ToolAskPolicy | undefined;
  /** Set by the tool; default `writes`. */
  readonly tool: ToolAskPolicy | undefined;
}

/** Whether a human must approve a call of a tool with this effect. */
export function mustAsk(effect: "reads" | "writes", { run, agent, tool }: AskPolicies): boolean {
  const policy = stricter(run ?? tool ?? "writes", agent ?? "never");
  return policy === "always" || (policy === "writes" && effect === "writes");
}

function stricter(one: ToolAskPolicy, other: ToolAskPolicy): ToolAskPolicy {
  return ASK_POLICIES.indexOf(one) > ASK_POLICIES.indexOf(other) ? one : other;
}
