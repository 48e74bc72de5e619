import { type RunAs, startDetached } from "./run-as.ts";

/**
 * Stops the server when it was not used for a while: no client is connected, and the use file is unchanged. Every process
 * that attaches updates that file, because a look can miss a short connection. A shell loop does this instead of a Node
 * process: it costs 1 MB, survives the process that started the server, and ends with the server. Clients are child
 * processes of the server with an address in their title; `ps` lists them on Linux and macOS, otherwise /proc.
 */
const WATCH = `
pid=$1; file=$2; limit=$3; step=$4; use_file=$5; idle=0; seen=
clients() {
  if command -v ps >/dev/null 2>&1; then ps -A -o ppid= -o args= | grep "^ *$pid .*127\\.0\\.0\\.1(" | wc -l
  else grep -l "127\\.0\\.0\\.1(" /proc/[0-9]*/cmdline 2>/dev/null | while read -r found; do
      grep -s "^PPid:[[:space:]]*$pid$" "\${found%cmdline}status"; done | wc -l
  fi
}
while sleep "$step"; do
  [ "$(head -n 1 "$file" 2>/dev/null)" = "$pid" ] || exit 0
  used=$(cat "$use_file" 2>/dev/null)
  if [ "$used" != "$seen" ] || [ "$(clients)" -gt 0 ]; then idle=0; else idle=$((idle + step)); fi
  seen=$used
  if [ "$idle" -ge "$limit" ]; then kill -INT "$pid"; exit 0; fi
done`;

/** The files that identify the watched server and show its use. */
export interface WatchedFiles {
  readonly pidFile: string;
  readonly useFile: string;
}

/** Starts the watch of one server. It checks thirty times within the limit, at most once a second. */
export function watchIdle(as: RunAs, pid: number, files: WatchedFiles, limitSeconds: number): void {
  const step = Math.max(1, Math.floor(limitSeconds / 30));
  startDetached(as, "/bin/sh", [
    "-c",
    WATCH,
    "sh",
    String(pid),
    files.pidFile,
    String(limitSeconds),
    String(step),
    files.useFile,
  ]);
}
