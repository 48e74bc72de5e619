import type { Json } from "../domain/json.ts";
import type { Confinement } from "../processes/confinement.ts";
import { BUILT_IN_NAMES } from "./builtin/built-in.ts";

const IN_SANDBOX = "in a sandbox";

/**
 * Where a call's process runs, in words for the person who decides about it. Undefined for a tool of Decurion's own program,
 * which keeps to the workspace.
 */
export function placeOf(tool: string, { sandbox, network }: Confinement): string | undefined {
  const isCommand = tool === "Bash";
  if (!isCommand && BUILT_IN_NAMES.includes(tool.toLowerCase())) return undefined;
  if (!sandbox) return "not sandboxed: with all your rights";
  // A person chose the servers and the own tools, and gave them the machine's network.
  return isCommand && network === "none" ? `${IN_SANDBOX}, without network` : `${IN_SANDBOX}, with network`;
}

/** What breaks a decision's promise about the place; undefined when it is kept. */
export function brokenPromise(decision: Json, isSandboxed: boolean): string | undefined {
  const promised: unknown = Object(decision).runs;
  if (isSandboxed || typeof promised !== "string" || !promised.startsWith(IN_SANDBOX)) return undefined;
  return `A human allowed this call ${promised}, but there is no sandbox here now, so it did not run.`;
}
