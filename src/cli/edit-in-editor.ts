import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { editorCommand } from "../app.ts";
import { UsageError } from "../domain/errors.ts";

/**
 * Opens a text in the person's editor and returns the edited text. Undefined when nothing has changed: to leave an editor is no
 * decision.
 *
 * @param name - the file's name. Editors choose the language by its ending.
 * @throws UsageError when the editor cannot start or ends with an error.
 */
export async function editInEditor(text: string, name: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-edit-"));
  const file = join(folder, name);
  try {
    await writeFile(file, text, { mode: 0o600 });
    const [editor = "vi", ...args] = editorCommand().split(" ");
    const { status, error } = spawnSync(editor, [...args, file], { stdio: "inherit" });
    if (error) throw new UsageError(`The editor "${editor}" does not start. Set EDITOR to another one.`);
    if (status !== 0) throw new UsageError("The editor ended with an error. Nothing has changed.");
    const written = await readFile(file, "utf8");
    // Most editors end the last line.
    return written === text || written === `${text}\n` ? undefined : written;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
