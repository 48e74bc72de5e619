import { resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/errors.ts";
import { isWithin } from "../find-files.ts";
import { readJsonFile } from "../plugin-manifest.ts";
import type { LockedFile } from "./install-plan.ts";

const lockSchema = z.object({
  version: z.literal(1),
  files: z.record(
    z.string().refine((path) => /\.md$/i.test(path) && isWithin("/agents", resolve("/agents", path)), {
      message: "a path leads out of the agents folder",
    }),
    z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), source: z.string().min(1) }),
  ),
});

/**
 * The installed files, by path within the agents folder; none when there is no lock file.
 *
 * @throws UsageError when it is unreadable, because then edits by hand are not visible.
 */
export async function readLockFile(file: string): Promise<ReadonlyMap<string, LockedFile>> {
  const json = await readJsonFile(file);
  if (!json) return new Map();
  const parsed = "value" in json ? lockSchema.safeParse(json.value) : undefined;
  if (parsed?.success) return new Map(Object.entries(parsed.data.files));
  const why = "problem" in json ? json.problem : parsed?.error.issues[0]?.message;
  throw new UsageError(
    `The lock file ${file} is not usable (${why}). Restore it, or remove it and install again with --force.`,
  );
}

/** The text of a lock file: the same for the same files, so that it is fit for version control. */
export function renderLockFile(files: ReadonlyMap<string, LockedFile>): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ version: 1, files: Object.fromEntries(sorted) }, null, 2)}\n`;
}
