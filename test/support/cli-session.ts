import { type ChildProcess, fork } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { PACKAGE_FOLDER } from "./package-folder.ts";

/** How a command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line, with all of its environment. */
export interface Line {
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * One real process for many command lines of a file, one after the other: starting a process takes longer than most
 * commands. It starts at the first line and ends with the file's tests.
 */
export function useCliSession(): (line: Line) => Promise<Ended> {
  let child: ChildProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  afterAll(() => child?.disconnect());
  return (line) => {
    const ended = last.then(() => {
      child ??= startSession();
      return say(child, line);
    });
    last = ended.catch(() => undefined); // The caller has the error.
    return ended;
  };
}

/** The same, in any folder and without settings. */
export function useBareSession(): (folder: string, ...args: string[]) => Promise<Ended> {
  const session = useCliSession();
  const environment = { PATH: process.env["PATH"], HOME: tmpdir() };
  return (folder, ...args) => session({ args, folder, environment });
}

function startSession(): ChildProcess {
  const launcher = join(PACKAGE_FOLDER, "src/cli/launch.mjs");
  return fork(join(import.meta.dirname, "cli-session.mjs"), [launcher], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

function say(child: ChildProcess, line: Line): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`The session ended with ${code}.`));
    child.once("exit", onExit);
    child.once("message", (ended) => {
      child.off("exit", onExit);
      resolve(ended as Ended);
    });
    child.send(line);
  });
}
