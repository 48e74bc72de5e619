import { z } from "zod";
import type { ToolCall } from "../domain/tool-call.ts";
import { diffLines } from "../format/line-diff.ts";
import { type Workspace, WorkspaceError } from "../tools/workspace.ts";

/** The change that a call makes to a file, against the file as it was at the question. */
export const fileChangeSchema = z.object({
  isNew: z.boolean(),
  diff: z.string(),
  /** The arguments that the diff shows. */
  shows: z.array(z.string()),
});
export type FileChange = z.infer<typeof fileChangeSchema>;

interface Change {
  readonly path: string;
  readonly shows: string[];
  /** The file's text after the call; undefined when the call will fail. Null: there is no file yet. */
  apply(before: string | null): string | undefined;
}

const fileSchema = z.looseObject({ file_path: z.string() });

/** The tools that change one file, also Claude Code's: a diff shows them better than their arguments. */
const CHANGES: Readonly<Record<string, z.ZodType<Change>>> = {
  Write: fileSchema.extend({ content: z.string() }).transform(({ file_path: path, content }) => {
    return { path, shows: ["content"], apply: () => content };
  }),
  Edit: fileSchema
    .extend({ old_string: z.string().min(1), new_string: z.string(), replace_all: z.boolean().optional() })
    .transform(({ file_path: path, old_string: old, new_string: changed, replace_all: all }) => {
      const apply: Change["apply"] = (before) => {
        const pieces = (before ?? "").split(old);
        return pieces.length === 2 || (all && pieces.length > 2) ? pieces.join(changed) : undefined;
      };
      return { path, shows: ["old_string", "new_string"], apply };
    }),
};

const BYTES = 1_000_000;

/**
 * The change that a call would make to a file of the workspace. Undefined when the call changes no file, or when its arguments
 * say more than a diff: the file is no text, is too large, or is not there to be edited.
 */
export async function fileChange(
  { name, input }: Pick<ToolCall, "name" | "input">,
  openWorkspace: () => Promise<Workspace>,
): Promise<FileChange | undefined> {
  const change = Object.hasOwn(CHANGES, name) ? CHANGES[name]?.safeParse(input).data : undefined;
  if (!change) return undefined;
  const before = await readText(openWorkspace, change.path);
  if (before === undefined) return undefined;
  const after = change.apply(before);
  if (after === undefined || after === before) return undefined;
  return { isNew: before === null, diff: diffLines(before ?? "", after), shows: change.shows };
}

/** The text of a file; null when there is none, undefined when it cannot be shown. */
async function readText(
  openWorkspace: () => Promise<Workspace>,
  path: string,
): Promise<string | null | undefined> {
  try {
    const file = await (await openWorkspace()).openFile(path);
    try {
      if ((await file.stat()).size > BYTES) return undefined;
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    // Any other error is the call's own: the person decides about its arguments.
    return error instanceof WorkspaceError && error.message.endsWith("does not exist.") ? null : undefined;
  }
}
