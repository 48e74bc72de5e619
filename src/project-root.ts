import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The folder of the project that a command is given in: the nearest one upwards with a langgraph.json, but not beyond
 * the repository; else the repository; else the nearest one with a package.json; else the folder itself. A home
 * folder's own `.git` or package.json (dotfiles, a stray install) makes no project of all that lies below it.
 */
export function findProjectRoot(from: string, home: string): string {
  const upwards = foldersUpwards(from);
  const repository = upwards.find((folder) => folder !== home && existsSync(join(folder, ".git")));
  const within = repository === undefined ? upwards : upwards.slice(0, upwards.indexOf(repository) + 1);
  return (
    within.find((folder) => existsSync(join(folder, "langgraph.json"))) ??
    repository ??
    within.find((folder) => folder !== home && existsSync(join(folder, "package.json"))) ??
    from
  );
}

function foldersUpwards(from: string): string[] {
  const parent = dirname(from);
  return parent === from ? [from] : [from, ...foldersUpwards(parent)];
}
