import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/**
 * Each line of its input names all groups. The input ends when this process is gone for any reason; then the shell kills
 * the groups of the last line. It ignores an incomplete line.
 */
const SCRIPT = `while read -r line; do groups=$line; done
for group in $groups; do kill -9 "-$group"; done`;

/**
 * Kills the process groups of agents when this process is gone, even after a SIGKILL. It is one shell for all groups,
 * beside this process: it starts with the first group, ends with this process, and starts again if an agent kills it. A
 * shell within each group would die with the group, hold up commands that wait for all their children, count as the
 * agent's memory, and slow down each start.
 */
export class Watchdog {
  readonly #groups = new Set<number>();
  #shell: ChildProcessByStdio<Writable, null, null> | undefined;

  /** @param onGuarded - called once the shell is sure to receive the group, or when no shell can start. */
  guard(group: number, onGuarded: () => void): void {
    this.#groups.add(group);
    this.#send(onGuarded);
  }

  /** Forgets a group that has ended. */
  release(group: number): void {
    if (this.#groups.delete(group)) this.#send(() => undefined);
  }

  #send(onSent: () => void): void {
    this.#shell ??= this.#start();
    if (this.#shell) this.#shell.stdin.write(`${[...this.#groups].join(" ")}\n`, onSent);
    else onSent();
  }

  /** It has its own group, so that closing the terminal does not end it with us. It has no secrets and holds no folder. */
  #start(): ChildProcessByStdio<Writable, null, null> | undefined {
    const shell = spawn("sh", ["-c", SCRIPT], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    shell.once("error", () => undefined);
    if (shell.pid === undefined) return undefined;
    shell.stdin.on("error", () => undefined); // It was killed. The next one gets all groups.
    shell.unref();
    (shell.stdin as Socket).unref();
    shell.once("exit", () => {
      this.#shell = undefined;
      if (this.#groups.size > 0) this.#send(() => undefined);
    });
    return shell;
  }
}

/** The watchdog of this process. */
export const watchdog = new Watchdog();
