import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { AgentProcess } from "../../src/processes/agent-process.ts";
import { kill } from "../../src/processes/kill-group.ts";
import { isAlive, outputOf, startersOf } from "../support/processes.ts";
import { useProgram } from "../support/program.ts";

const holder = useProgram("hold-process");

/** An engine with processes that run this script. */
function engineWith(script: string, how = "1") {
  const engine = spawn(process.execPath, [holder(), script, how], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void engine.kill("SIGKILL"));
  const lines = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();
  const numbers = async () => {
    const found = String((await lines.next()).value)
      .split(" ")
      .map(Number);
    expect(found).not.toContain(0);
    onTestFinished(() => found.forEach(kill));
    return found;
  };
  return { engine, id: Number(engine.pid), numbers };
}

/** Prints its own id and that of a child. */
const STUBBORN = "trap '' HUP TERM INT; sleep 1000 & echo $$ $!; wait";
const anyAlive = async (pids: readonly number[]) => (await Promise.all(pids.map(isAlive))).includes(true);

describe("when the engine is gone", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)("by %s, so are all processes of agents", async (signal) => {
    const { engine, id, numbers } = engineWith(STUBBORN, "3");
    const pids = [await numbers(), await numbers(), await numbers()].flat();
    const starters = await startersOf(id);
    expect(starters).toHaveLength(1);
    engine.kill(signal);
    await expect.poll(() => anyAlive([...pids, ...starters])).toBe(false);
  });

  it("though an agent ended the starter: that ends the processes, and the next one has a starter again", async () => {
    const { engine, id, numbers } = engineWith(STUBBORN, "again");
    const first = await numbers();
    const [starter = Number.NaN] = await startersOf(id);
    kill(starter);
    await expect.poll(() => anyAlive(first)).toBe(false);
    const second = await numbers();
    expect(await startersOf(id)).toEqual([expect.not.toSatisfy((pid) => pid === starter)]);
    engine.kill("SIGKILL");
    await expect.poll(() => anyAlive(second)).toBe(false);
  });

  it("a process that was not told yet what to do does nothing", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "decurion-starter-")), "done");
    const { numbers } = engineWith(`echo done > ${file}`, "and die");
    const pids = await numbers();
    await expect.poll(() => anyAlive(pids)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });
});

it("an engine that has nothing more to do ends by itself, and so does its starter", async () => {
  const { engine, id, numbers } = engineWith("echo $$", "once");
  const exit = once(engine, "exit");
  await numbers();
  const starters = await startersOf(id);
  expect(await exit).toEqual([0, null]);
  await expect.poll(() => anyAlive(starters)).toBe(false);
});

it("a process that ends before its streams could be passed on is over, with nothing printed", async () => {
  const child = new AgentProcess({ hasChannel: true });
  child.started(2 ** 22 + 1); // No process has this number.
  for (const descriptor of [0, 1, 2, 4]) child.attach(descriptor, undefined);
  const output = outputOf(child);
  child.ended(null, "SIGKILL");
  expect(await output).toEqual({ code: null, stdout: "", stderr: "" });
});
