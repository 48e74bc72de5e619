import { z } from "zod";
import { defineTool } from "../define-tool.ts";
import { entriesOf } from "../walk.ts";

const MOST = 2000;

export const listTool = defineTool({
  name: "LS",
  description: "Lists a folder of the workspace.",
  effect: "reads",
  input: z.object({ path: z.string().optional() }),
  run: async ({ path = "." }, { workspace }) => {
    const names = (await entriesOf(workspace, path)).map((entry) => {
      if (entry.isSymbolicLink()) return `${entry.name} (a link, not followed)`;
      return entry.isDirectory() ? `${entry.name}/` : entry.name;
    });
    const more = names.length > MOST ? `\n[and ${names.length - MOST} more]` : "";
    return names.length === 0 ? "It is empty." : `${names.slice(0, MOST).join("\n")}${more}`;
  },
});
