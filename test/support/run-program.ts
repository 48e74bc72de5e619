import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGE_FOLDER } from "./engine.ts";

/** The command line as it starts from the sources. */
export const LAUNCHER = join(PACKAGE_FOLDER, "src/cli/launch.mjs");

export interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of Node in a folder, with nothing in its environment but what is given, until it ends. */
export function runProgram(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Done> {
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: tmpdir(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
