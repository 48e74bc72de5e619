import { spawn } from "node:child_process";
import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { bubblewrap } from "./bubblewrap.ts";
import type { Room, Sandbox } from "./sandbox.ts";

/** Why there is no sandbox, and what a person can do: words that follow a colon. */
export interface NoSandbox {
  readonly problem: string;
  readonly fix: string;
}
export type FoundSandbox = { readonly sandbox: Sandbox } | NoSandbox;

const PROBE_MS = 10_000;
/** What the probe's command ends with. */
const RAN = 42;

/** Looks for a sandbox, by running a command in one, with and without network. */
export async function findSandbox(environment: Readonly<Record<string, string>>): Promise<FoundSandbox> {
  if (process.platform !== "linux") {
    return { problem: `there is none for ${process.platform} yet`, fix: "run Decurion in a Linux container" };
  }
  const program = await trustedProgram("bwrap", environment["PATH"] ?? "");
  if (program === undefined) return MISSING;
  const sandbox = bubblewrap(program);
  const folder = await realpath(await mkdtemp(join(tmpdir(), "decurion-probe-")));
  try {
    for (const network of ["none", "shared"] as const) {
      const room: Room = { folder, reads: [], writes: [folder], hides: [], keeps: [], network, environment };
      const missing = await probe(sandbox, room);
      if (missing) return missing;
    }
    return { sandbox };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program that only the system's administrator can have put there: an agent may write to folders of `PATH`. */
async function trustedProgram(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(":").filter((one) => isAbsolute(one))) {
    const real = await realpath(join(folder, name)).catch(() => undefined);
    const found = real === undefined ? undefined : await stat(real);
    if (
      real !== undefined &&
      found?.isFile() &&
      found.uid === 0 &&
      (found.mode & 0o022) === 0 &&
      isSystems(real)
    )
      return real;
  }
  return undefined;
}

function isSystems(path: string): boolean {
  return ["/usr/", "/bin/", "/nix/store/"].some((start) => path.startsWith(start));
}

function probe(sandbox: Sandbox, room: Room): Promise<NoSandbox | undefined> {
  const { command, parameters } = sandbox.wrap(
    { command: "/bin/sh", parameters: ["-c", `exit ${RAN}`] },
    room,
  );
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      env: { ...room.environment },
      stdio: ["ignore", "ignore", "pipe"],
      timeout: PROBE_MS,
      killSignal: "SIGKILL",
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(0, 500);
    });
    child.once("error", (error) => resolve(broken(error.message)));
    child.once("close", (code) =>
      resolve(code === RAN ? undefined : broken(said.trim() || `it ended with ${code}`)),
    );
  });
}

const MISSING: NoSandbox = {
  problem: "bubblewrap is not installed",
  fix: "apt install bubblewrap (or dnf, pacman, apk)",
};

function broken(said: string): NoSandbox {
  const [line = said] = said.split("\n");
  return {
    problem: `bubblewrap cannot make one here (${line})`,
    fix: "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, or AppArmor's profile for bwrap",
  };
}
