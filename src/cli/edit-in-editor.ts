import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { editorCommand } from "../app.ts";
import { UsageError } from "../domain/errors.ts";

/**
 * Lets the person change a text in their own editor.
 *
 * @param name - the file's name, by whose ending editors know what it is.
 * @throws UsageError when the editor cannot be started or says that it failed.
 */
export async function editInEditor(text: string, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-edit-"));
  const file = join(folder, name);
  try {
    await writeFile(file, text, { mode: 0o600 });
    const [editor = "vi", ...args] = editorCommand().split(" ");
    const { status, error } = spawnSync(editor, [...args, file], { stdio: "inherit" });
    if (error) throw new UsageError(`The editor "${editor}" cannot be started: set EDITOR to one that can.`);
    if (status !== 0) throw new UsageError("The editor ended with an error, so nothing was changed.");
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
