import { relative } from "node:path";
import { z } from "zod";
import { defineTool } from "../define-tool.ts";
import { globMatcher } from "../glob-pattern.ts";
import { walkFiles } from "../walk.ts";

const MOST = 1000;

export const globTool = defineTool({
  name: "Glob",
  description: 'Finds files of the workspace by a pattern such as "src/**/*.ts".',
  effect: "reads",
  input: z.object({ pattern: z.string().min(1), path: z.string().optional() }),
  run: async ({ pattern, path = "." }, { workspace, signal }) => {
    const isFromRoot = pattern.startsWith("/");
    const folder = isFromRoot ? "" : workspace.relative(path);
    const matches = globMatcher(isFromRoot ? workspace.relative(pattern) : pattern);
    const { files, isCut } = await walkFiles(workspace, path, signal);
    const found = files.filter((file) => matches(relative(folder, file)));
    const notes = [
      ...(found.length > MOST ? [`[and ${found.length - MOST} more: give a narrower pattern]`] : []),
      ...(isCut ? ["[There are too many or too deep folders to look into all: give a path.]"] : []),
    ];
    if (found.length === 0 && notes.length === 0) return "No file matches.";
    return [...found.slice(0, MOST), ...notes].join("\n");
  },
});
