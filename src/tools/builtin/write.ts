import { z } from "zod";
import { defineTool } from "../define-tool.ts";
import { acceptNewcomers } from "../newcomers.ts";

/** Needs approval only when the run or the agent says so, because the workspace belongs to the thread. */
export const writeTool = defineTool({
  name: "Write",
  description: "Writes a file of the workspace, over the one that is there, with the folders that it needs.",
  effect: "writes",
  ask: "never",
  input: z.object({ file_path: z.string().min(1), content: z.string() }),
  run: async ({ file_path: path, content }, { workspace, mayRunLater }) => {
    await workspace.writeFile(path, content, mayRunLater);
    if (mayRunLater) await acceptNewcomers(workspace.root);
    return `"${path}" is written: ${content.length} characters.`;
  },
});
