/** A call that an agent wants to make. */
export interface JudgedCall {
  readonly tool: string;
  readonly input: unknown;
}

/** The folders that rules about paths start from. */
export interface RulePlace {
  /** The workspace: absolute, without symbolic links. */
  readonly root: string;
  /** The user's home. */
  readonly home: string;
  /** More places that a path may mean, when links are followed. */
  readonly placesOf: (path: string) => readonly string[];
}

/** A way to say which calls of a tool a rule is about. */
export interface RuleKind {
  /** The tools, by their keys, whose rules are of this kind. */
  readonly tools: readonly string[];
  /** Why the text in the parentheses cannot be judged; undefined when it can. */
  problemOf(about: string): string | undefined;
  /** Whether a call is certainly one of those that the rules of its tool are about. */
  allows(abouts: readonly string[], call: JudgedCall, place: RulePlace): boolean;
  /** Whether a call may be one that a rule of the tool `ruleTool` is about, also by another tool. */
  denies(ruleTool: string, about: string, call: JudgedCall, place: RulePlace): boolean;
  /** What makes a call easy to judge: a sentence for the agent. */
  readonly hint: string;
}

/** The text of an input's key; undefined when there is none. */
export function textIn(input: unknown, ...keys: readonly string[]): string | undefined {
  const values: Record<string, unknown> = Object(input);
  for (const key of keys) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (typeof value === "string") return value;
  }
  return undefined;
}
