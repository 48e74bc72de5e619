import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { testFolder } from "./workspace.ts";

/** A folder with these files, by path within it; gone when the test is over. */
export async function folderWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await testFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** An agent file that gives no reason for a warning. */
export function agentFile(name: string, extraLines = "", prompt = `You are ${name}.`): string {
  return `---\nname: ${name}\ndescription: Does ${name} things.\n${extraLines}---\n\n${prompt}\n`;
}

/** All files below a folder with their text, by path within it; of a link that it is one. */
export async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), entry.isSymbolicLink() ? "a link" : await readFile(path, "utf8")];
    });
  return Object.fromEntries(await Promise.all(files));
}
