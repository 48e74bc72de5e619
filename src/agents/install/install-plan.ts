/** A file of installed agents as the lock file has it. */
export interface LockedFile {
  /** SHA-256 of its content when it was installed, in hex. */
  readonly sha256: string;
  /** The folder it came from. */
  readonly source: string;
}

/** What is known before anything is written. All files by their path within the agents folder. */
export interface InstallState {
  readonly source: string;
  /** What the source has: checksums. */
  readonly wanted: ReadonlyMap<string, string>;
  /** What is there: checksums. */
  readonly present: ReadonlyMap<string, string>;
  readonly locked: ReadonlyMap<string, LockedFile>;
}

/** What an installation does to each file, by path, sorted. */
export interface InstallChanges {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  /** Installed from this source before, and no longer in it. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** A file that somebody would miss. */
export interface InstallConflict {
  readonly path: string;
  readonly reason: string;
}

/**
 * Decides what installing a source comes to. A file may be overwritten or removed when it is as this source's last
 * installation left it; anything else that would be lost is a conflict: edited by hand, written by hand, or another
 * source's.
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
  if (!locked) return [{ path, reason: "was not installed but written by hand" }];
  if (locked.sha256 !== present) return [{ path, reason: "was edited since it was installed" }];
  return locked.source === source ? [] : [{ path, reason: `was installed from ${locked.source}` }];
}
