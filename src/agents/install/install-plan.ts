/** An installed file, as in the lock file. */
export interface LockedFile {
  /** SHA-256 of its content when it was installed, in hex. */
  readonly sha256: string;
  /** Its source folder. */
  readonly source: string;
}

/** The state before an installation. Files are identified by their paths within the agents folder. */
export interface InstallState {
  readonly source: string;
  /** Checksums of the source's files. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Checksums of existing files. */
  readonly present: ReadonlyMap<string, string>;
  readonly locked: ReadonlyMap<string, LockedFile>;
}

/** The changes of an installation, as sorted paths. */
export interface InstallChanges {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  /** Files installed from this source before that are no longer in it. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** A file that the installation would destroy. */
export interface InstallConflict {
  readonly path: string;
  readonly reason: string;
}

/**
 * Plans the installation of a source. It may overwrite or remove a file that is unchanged since this source's last
 * installation. Any other file that would be lost is a conflict: edited by hand, written by hand, or from another
 * source.
 */
export function planInstall(state: InstallState): InstallChanges & {
  readonly conflicts: readonly InstallConflict[];
} {
  const { source, wanted, present, locked } = state;
  const changes = { added: [] as string[], updated: [] as string[], unchanged: [] as string[] };
  const conflicts: InstallConflict[] = [];
  for (const [path, sha256] of [...wanted].sort(byPath)) {
    const there = present.get(path);
    if (there === undefined) changes.added.push(path);
    else if (there === sha256) changes.unchanged.push(path);
    else {
      changes.updated.push(path);
      conflicts.push(...conflictOf(path, there, locked.get(path), source));
    }
  }
  const removed: string[] = [];
  for (const [path, file] of [...locked].sort(byPath)) {
    const there = present.get(path);
    if (file.source !== source || wanted.has(path) || there === undefined) continue;
    removed.push(path);
    conflicts.push(...conflictOf(path, there, file, source));
  }
  return { ...changes, removed, conflicts };
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function conflictOf(
  path: string,
  present: string,
  locked: LockedFile | undefined,
  source: string,
): InstallConflict[] {
  if (!locked) return [{ path, reason: "was written by hand" }];
  if (locked.sha256 !== present) return [{ path, reason: "was edited since it was installed" }];
  return locked.source === source ? [] : [{ path, reason: `was installed from ${locked.source}` }];
}
