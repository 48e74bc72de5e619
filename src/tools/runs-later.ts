import { basename, relative, resolve } from "node:path";

/** Names from which git, editors, agents and Decurion itself run code without asking, in a person's own project. */
export const RUNS_LATER = [
  ...[".git", ".gitconfig", ".husky", ".claude", ".mcp.json", ".vscode", ".idea", ".envrc", ".env"],
  ...["decurion.tools.ts", "graphs", "langgraph.json"],
] as const;

const NAMES: ReadonlySet<string> = new Set([...RUNS_LATER, ".decurion"]);
/** Of these a file holds secrets or Decurion's own work: no agent writes it, even when a person approves. */
const NEVER: ReadonlySet<string> = new Set([".env", ".decurion", ".git"]);
/** Its scripts run with the next `npm install` or `npm test`. */
const SCRIPTS = "package.json";

/** The part of a path, relative to a workspace, through which a written file could run later; undefined when none. */
export function partThatRunsLater(path: string): string | undefined {
  const parts = path.split(/[\\/]/);
  return parts.find((part) => NAMES.has(part.toLowerCase()));
}

/** Whether nobody can approve that this file is written. */
export function isNeverWritten(part: string): boolean {
  return NEVER.has(part.toLowerCase());
}

/**
 * Why a person must say yes to a write, whatever is approved: what it writes runs later. Undefined for all other calls.
 *
 * @param root - the workspace.
 */
export function writesWhatRunsLater(tool: string, input: unknown, root: string): string | undefined {
  const path: unknown = Object(input).file_path;
  if ((tool !== "Write" && tool !== "Edit") || typeof path !== "string") return undefined;
  const inside = relative(root, resolve(root, path));
  const part =
    partThatRunsLater(inside) ?? (basename(inside).toLowerCase() === SCRIPTS ? SCRIPTS : undefined);
  if (part === undefined || isNeverWritten(part)) return undefined;
  return `What is in ${part} runs later, without another question`;
}
