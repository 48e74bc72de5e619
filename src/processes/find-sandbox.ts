import { spawn } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bubblewrap } from "./bubblewrap.ts";
import type { Room, Sandbox } from "./sandbox.ts";

/** Whether there is a sandbox here, or why not. */
export type FoundSandbox = { readonly sandbox: Sandbox } | { readonly problem: string };

const PROBE_MS = 10_000;

/** Looks for a sandbox, by running a command in one, with and without network. */
export async function findSandbox(environment: Readonly<Record<string, string>>): Promise<FoundSandbox> {
  if (process.platform !== "linux") {
    return {
      problem: `There is no sandbox for ${process.platform} yet: commands of agents run with your rights.`,
    };
  }
  const sandbox = bubblewrap();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "decurion-probe-")));
  try {
    for (const network of ["none", "shared"] as const) {
      const room: Room = { folder, reads: [], writes: [folder], hides: [], keeps: [], network, environment };
      const problem = await probe(sandbox, room);
      if (problem !== undefined) return { problem };
    }
    return { sandbox };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns why a command cannot run there. */
function probe(sandbox: Sandbox, room: Room): Promise<string | undefined> {
  const { command, parameters } = sandbox.wrap({ command: "sh", parameters: ["-c", "exit 42"] }, room);
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
    child.once("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      resolve(isMissing ? INSTALL : `${sandbox.name} does not run here (${error.message}).`);
    });
    child.once("close", (code) => {
      if (code === 42) return resolve(undefined);
      const [line = `it ended with ${code}`] = said
        .trim()
        .split("\n")
        .filter((one) => one !== "");
      resolve(
        `${sandbox.name} cannot make a sandbox here (${line.replace(/\.$/, "")}): user namespaces may be switched off.`,
      );
    });
  });
}

const INSTALL =
  'bubblewrap is not installed: "apt install bubblewrap", "dnf install bubblewrap" or "apk add bubblewrap".';
