import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/**
 * Each line that it reads names all groups there are. Its input ends when this process is gone, however it went: then it
 * kills those that are left. A line that was cut short is passed over.
 */
const SCRIPT = `while read -r line; do groups=$line; done
for group in $groups; do kill -9 "-$group"; done`;

/**
 * Kills the process groups of agents when this process is gone, though it was killed by SIGKILL and could do nothing
 * itself. It is a shell beside this process, one for all groups: started with the first of them, ended with this process,
 * and started anew if an agent ends it. A watch within each group would be ended by what an agent does to its group,
 * be waited for by commands that wait for all their children, count as memory of the agent, and cost each start.
 */
export class Watchdog {
  readonly #groups = new Set<number>();
  #shell: ChildProcessByStdio<Writable, null, null> | undefined;

  /** @param onGuarded - called once the shell is sure to learn of the group, or where no shell can be had. */
  guard(group: number, onGuarded: () => void): void {
    this.#groups.add(group);
    this.#tell(onGuarded);
  }

  /** Forgets a group that has ended. */
  release(group: number): void {
    if (this.#groups.delete(group)) this.#tell(() => undefined);
  }

  #tell(onTold: () => void): void {
    this.#shell ??= this.#start();
    if (this.#shell) this.#shell.stdin.write(`${[...this.#groups].join(" ")}\n`, onTold);
    else onTold();
  }

  /** Its group is its own, so that a terminal which is closed does not end it with us; it has no secret and holds no folder. */
  #start(): ChildProcessByStdio<Writable, null, null> | undefined {
    const shell = spawn("sh", ["-c", SCRIPT], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    shell.once("error", () => undefined);
    if (shell.pid === undefined) return undefined;
    shell.stdin.on("error", () => undefined); // It was killed; the next one is told all.
    shell.unref();
    (shell.stdin as Socket).unref();
    shell.once("exit", () => {
      this.#shell = undefined;
      if (this.#groups.size > 0) this.#tell(() => undefined);
    });
    return shell;
  }
}

/** The watchdog of this process. */
export const watchdog = new Watchdog();
