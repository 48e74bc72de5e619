/** Kills a process group at once, if anything of it is left. @param leader - the process id that the group has its id of. */
export function killGroup(leader: number): void {
  kill(-leader);
}

/** Kills a process, or with a negative id a group. Whatever is gone or not ours is left alone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Nothing of it is left, or it is another user's.
  }
}
