/** Kills what is left of a process group. @param leader - the id of its first process, which is also the group's id. */
export function killGroup(leader: number): void {
  kill(-leader);
}

/** Kills a process, or with a negative id a group. Ignores one that is gone or belongs to another user. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone, or it belongs to another user.
  }
}
