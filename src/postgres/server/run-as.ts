import { execFile, spawn } from "node:child_process";
import { lstat, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * The user that the server's programs run as. Postgres refuses to run as root, so root switches to another user: with
 * `user` by setuid, with `namespace` to nobody in a separate user namespace, in which root's files belong to nobody.
 */
export type RunAs =
  | { readonly kind: "self" }
  | { readonly kind: "user"; readonly uid: number; readonly gid: number }
  | { readonly kind: "namespace" };

const NOBODY = 65_534;
const NAMESPACE = ["unshare", "-U", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"];
/** Nothing from our own environment: it may hold secrets, and PG* variables would change the programs' behaviour. */
const ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

const run = promisify(execFile);

function commandFor(as: RunAs, command: string, args: readonly string[]) {
  const [file = command, ...rest] =
    as.kind === "namespace" ? [...NAMESPACE, command, ...args] : [command, ...args];
  // cwd "/", because that user may have no access to the current folder.
  const options = {
    cwd: "/",
    env: process.platform === "win32" ? undefined : ENVIRONMENT,
    ...(as.kind === "user" && { uid: as.uid, gid: as.gid }),
  };
  return { file, args: rest, options };
}

/** Runs a program to its end. Rejects with its output when it fails. */
export async function runProgram(as: RunAs, command: string, args: readonly string[]): Promise<string> {
  const { file, args: rest, options } = commandFor(as, command, args);
  const { stdout } = await run(file, rest, options);
  return stdout;
}

/** Starts a program that survives us. */
export function startDetached(as: RunAs, command: string, args: readonly string[]): void {
  const { file, args: rest, options } = commandFor(as, command, args);
  const child = spawn(file, rest, { ...options, detached: true, stdio: "ignore" });
  child.on("error", () => undefined); // Nothing depends on it.
  child.unref();
}

/** The existing users that root may switch to, best first. */
export async function lendableUsers(): Promise<Extract<RunAs, { kind: "user" }>[]> {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const entries = passwd.split("\n").map((line) => line.split(":"));
  return ["postgres", "nobody"].flatMap((name) => {
    const entry = entries.find(([user]) => user === name);
    const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
    return entry && uid > 0 ? [{ kind: "user" as const, uid, gid }] : [];
  });
}

/** Whether that user can enter and read these folders. */
export async function canRead(as: RunAs, folders: readonly string[]): Promise<boolean> {
  return canDo(as, "test -r .", folders);
}

/** Whether that user can pass through these folders. */
export async function canEnter(as: RunAs, folders: readonly string[]): Promise<boolean> {
  return canDo(as, "test -x .", folders);
}

async function canDo(as: RunAs, test: string, folders: readonly string[]): Promise<boolean> {
  const script = `for folder in "$@"; do cd "$folder" && ${test} || exit 1; done`;
  return runProgram(as, "/bin/sh", ["-c", script, "sh", ...folders]).then(
    () => true,
    () => false,
  );
}

/** Whether a folder's owner is us, another user, or root. */
export async function ownerOf(folder: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await lstat(folder).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid };
}

/** Whether user namespaces work here. Containers and hardened kernels forbid them. */
export async function canUseNamespace(): Promise<boolean> {
  return runProgram({ kind: "namespace" }, "/bin/true", []).then(
    () => true,
    () => false,
  );
}
