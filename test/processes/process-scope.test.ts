import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { MemoryExceededError } from "../../src/domain/errors.ts";
import type { AgentProcess } from "../../src/processes/agent-process.ts";
import { MemoryWatch } from "../../src/processes/memory-watch.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { psProcesses } from "../../src/processes/ps-processes.ts";
import { startProcess } from "../../src/processes/start-process.ts";
import { firstLineOf, isAlive } from "../support/processes.ts";

const { signal: never } = new AbortController();
const attempts: ProcessScope[] = [];
afterEach(() => Promise.all(attempts.splice(0).map((attempt) => attempt.close())));

let count = 0;
function attemptWith(limitMb: number, watch?: MemoryWatch): ProcessScope {
  count += 1;
  const attempt = new ProcessScope(`thread-${process.pid}/t${count}`, limitMb, { ...(watch && { watch }) });
  attempts.push(attempt);
  return attempt;
}

/** Runs JavaScript in a process of its own. */
const node = (memory: ProcessScope, script: string) =>
  startProcess(process.execPath, ["--max-old-space-size=4000", "-e", script], { memory, signal: never });
const shell = (memory: ProcessScope, script: string, folder?: string) =>
  startProcess("sh", ["-c", script], { memory, signal: never, folder });

/** Takes 20 MB after 20 MB until it is stopped, or has `totalMb`, and says so. */
const hog = (piece: string, totalMb = 4000) => `
  const kept = [];
  const more = () => {
    kept.push(${piece});
    if (kept.length * 20 < ${totalMb}) setImmediate(more);
    else { console.log("full"); setInterval(() => kept, 1000); }
  };
  more();`;
const BUFFERS = "Buffer.alloc(20 * 1024 * 1024, 1)";
const OBJECTS = "Array.from({ length: 2.5 * 1024 * 1024 }, (_, index) => index + 0.5)";
const IDLE = 'console.log("ready"); setInterval(() => 0, 1000)';

async function passed({ exceeded }: ProcessScope): Promise<string> {
  if (!exceeded.aborted) await new Promise((resolve) => exceeded.addEventListener("abort", resolve));
  expect(exceeded.reason).toBeInstanceOf(MemoryExceededError);
  return exceeded.reason.message;
}

const endOf = (child: AgentProcess) =>
  new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));

describe("an attempt whose process takes more memory than it may", () => {
  it.each([
    ["in Buffers, at the real bound", BUFFERS, 800],
    ["in its heap", OBJECTS, 200],
  ])("is told, and the process is dead: %s", async (_, piece, limitMb) => {
    const memory = attemptWith(limitMb);
    const child = node(memory, hog(piece));
    const ended = endOf(child);

    const task = memory.agent.split("/")[1];
    const says = new RegExp(
      `^The processes of task "${task}" used (\\d+) MB of memory, more than their limit of ${limitMb} MB: node (\\d+) MB`,
    );
    const [, tookMb] = says.exec(await passed(memory)) ?? [];
    expect(Number(tookMb)).toBeGreaterThan(limitMb);
    expect(await ended).toBe("SIGKILL");
    expect(() => shell(memory, "true")).toThrow(MemoryExceededError);
  });

  it("dies alone: its siblings' processes go on", async () => {
    const [sibling, greedy] = [attemptWith(200), attemptWith(200)];
    const idle = node(sibling, IDLE);
    await firstLineOf(idle);
    const ended = endOf(node(greedy, hog(BUFFERS)));

    await passed(greedy);
    await ended;
    expect(sibling.exceeded.aborted).toBe(false);
    expect(await isAlive(idle.pid ?? 0)).toBe(true);
  });

  it("is told of all processes together, when none is large by itself", async () => {
    const memory = attemptWith(300);
    const script = `
      const { spawn } = require("node:child_process");
      for (let at = 0; at < 5; at++) spawn(process.execPath, ["-e", ${JSON.stringify(hog(BUFFERS, 80))}], { detached: at % 2 === 0 });
      setInterval(() => 0, 1000);`;
    const ended = endOf(node(memory, script));

    const message = await passed(memory);
    expect(message).toMatch(
      /limit of \d+ MB: node \d+ MB, node \d+ MB, node \d+ MB, and \d more processes\. They were killed/,
    );
    for (const [, mb] of message.matchAll(/node (\d+) MB/g)) expect(Number(mb)).toBeLessThan(200);
    await ended;
    await memory.close();
    await expect.poll(() => markedWith(memory.mark)).toEqual([]);
  });

  it("is told of a daemon that left its group, its session and its parents", async () => {
    const memory = attemptWith(200);
    const folder = await mkdtemp(join(tmpdir(), "decurion-daemon-"));
    const daemon = `setsid sh -c '"${process.execPath}" -e "$HOG" > /dev/null & echo $! > pipe' & read pid < pipe; echo $pid`;
    const child = startProcess("sh", ["-c", `mkfifo pipe; ${daemon}`], {
      memory,
      signal: never,
      folder,
      environment: { HOG: hog(BUFFERS) },
    });
    const pid = Number(await firstLineOf(child));

    expect(await passed(memory)).toMatch(/node \d+ MB/);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("is told where there is no /proc, too", async () => {
    const memory = attemptWith(200, new MemoryWatch(psProcesses()));
    const ended = endOf(node(memory, hog(BUFFERS)));
    await passed(memory);
    expect(await ended).toBe("SIGKILL");
  });
});

describe("an attempt that stays within its memory", () => {
  it("is left alone, though processes share what they were forked with", async () => {
    const memory = attemptWith(250);
    const forks = "for n in 1 2 3 4 5; do (sleep 300; :) & done";
    const child = shell(memory, `kept=$(head -c 60000000 /dev/zero | tr '\\0' x); ${forks}; echo full; wait`);
    await firstLineOf(child);
    const looked = node(memory, "setTimeout(() => 0, 400)"); // Looks are 100 ms apart.
    await endOf(looked);

    expect(memory.exceeded.aborted).toBe(false);
    expect(await isAlive(child.pid ?? 0)).toBe(true);
  });

  it("leaves no process behind when it ends, not even a daemon", async () => {
    const memory = attemptWith(500);
    const folder = await mkdtemp(join(tmpdir(), "decurion-daemon-"));
    const child = shell(memory, "mkfifo pipe; setsid sh -c 'echo $$ > pipe; sleep 300' & cat pipe", folder);
    const pid = Number(await firstLineOf(child));
    await endOf(child);
    expect(await isAlive(pid)).toBe(true);

    await memory.close();
    expect(await isAlive(pid)).toBe(false);
    expect(await markedWith(memory.mark)).toEqual([]);
  });

  it("leaves none behind that took its mark away, its group, its session and its parents", async () => {
    const memory = attemptWith(500);
    const folder = await mkdtemp(join(tmpdir(), "decurion-daemon-"));
    const daemon = "env -i setsid sh -c 'sleep 0.3 & sleep 300 & echo $! > pipe' & cat pipe";
    const child = shell(memory, `mkfifo pipe; ${daemon}`, folder);
    const pid = Number(await firstLineOf(child));
    await endOf(child);

    await memory.close();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("leaves those of another one alone, also of the same task", async () => {
    const [one, other] = [new ProcessScope("thread/task", 500), new ProcessScope("thread/task", 500)];
    attempts.push(one, other);
    const children = [node(one, IDLE), node(other, IDLE)];
    await Promise.all(children.map(firstLineOf));
    await one.close();
    expect(await Promise.all(children.map(({ pid = 0 }) => isAlive(pid)))).toEqual([false, true]);
  });

  it("that starts processes faster than one can look leaves none behind either", async () => {
    const memory = attemptWith(500);
    const child = shell(
      memory,
      "spawn() { setsid sleep 300 & }; echo on; while :; do spawn; read -t 0.001 none; done 2>&-",
    );
    await firstLineOf(child);
    await memory.close();
    expect(await markedWith(memory.mark)).toEqual([]);
  });
});

/** Living processes with an attempt's mark in their environment. */
async function markedWith(mark: string): Promise<number[]> {
  const { linuxProcesses } = await import("../../src/processes/linux-processes.ts");
  const pids = await linuxProcesses.list();
  return pids.filter((pid) => {
    const found = linuxProcesses.markOf(pid);
    return typeof found === "object" && found.mark === mark && linuxProcesses.memoryOf(pid) !== undefined;
  });
}
