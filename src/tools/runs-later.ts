/** Names from which git, editors, agents and Decurion itself run code without asking, in a person's own project. */
export const RUNS_LATER = [
  ...[".git", ".gitconfig", ".husky", ".claude", ".mcp.json", ".vscode", ".idea", ".envrc", ".env"],
  ...["decurion.tools.ts", "graphs", "langgraph.json"],
] as const;

/** Of these a command may make its own ones in a folder that has none: a repository. */
const OWN_PARTS = { ".git": [".git/hooks", ".git/config", ".git/info"] } as const;

/** The paths that no command changes where they are, relative to a workspace. */
export const KEPT = RUNS_LATER.flatMap((name) => (name in OWN_PARTS ? OWN_PARTS[".git"] : [name]));

/** What no command may make in a person's folder. */
export const NEWCOMERS = RUNS_LATER.filter((name) => name !== ".git");

const NAMES: ReadonlySet<string> = new Set([...RUNS_LATER, ".decurion"]);

/** The part of a path, relative to a workspace, through which a written file could run later; undefined when none. */
export function partThatRunsLater(path: string): string | undefined {
  return path.split(/[\\/]/).find((part) => NAMES.has(part.toLowerCase()));
}
