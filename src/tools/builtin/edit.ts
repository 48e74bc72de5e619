import { z } from "zod";
import { defineTool } from "../define-tool.ts";
import { type Workspace, WorkspaceError } from "../workspace.ts";

const BYTES = 5_000_000;

export const editTool = defineTool({
  name: "Edit",
  description:
    "Replaces a text in a file of the workspace. It must be there exactly once, unless all are replaced.",
  effect: "writes",
  ask: "never",
  input: z.object({
    file_path: z.string().min(1),
    old_string: z.string().min(1),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  run: async (input, { workspace, mayRunLater }) => {
    const { file_path: path, old_string: before, new_string: after, replace_all: all = false } = input;
    const text = await readText(workspace, path);
    const pieces = text.split(before);
    const found = pieces.length - 1;
    if (found === 0) throw new WorkspaceError(`The text is not in "${path}": read it and copy it exactly.`);
    if (found > 1 && !all) {
      throw new WorkspaceError(
        `The text occurs ${found} times in "${path}": give more of it, or replace all.`,
      );
    }
    const size = text.length + found * (after.length - before.length);
    if (size > BYTES) {
      throw new WorkspaceError(`"${path}" would be too large: ${size} characters of ${BYTES}.`);
    }
    await workspace.writeFile(path, pieces.join(after), mayRunLater);
    return `"${path}" is changed in ${found === 1 ? "one place" : `${found} places`}.`;
  },
});

async function readText(workspace: Workspace, path: string): Promise<string> {
  const file = await workspace.openFile(path);
  try {
    const { size } = await file.stat();
    if (size > BYTES) throw new WorkspaceError(`"${path}" is too large to edit: ${size} bytes of ${BYTES}.`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.readFile());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new WorkspaceError(`"${path}" is not a text file in UTF-8.`);
  } finally {
    await file.close();
  }
}
