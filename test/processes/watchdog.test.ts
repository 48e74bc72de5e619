import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { kill } from "../../src/processes/kill-group.ts";
import { isAlive, watchdogsOf } from "../support/processes.ts";
import { useProgram } from "../support/program.ts";

const holder = useProgram("hold-process");
const WATCHDOG = new URL("../../src/processes/watchdog.ts", import.meta.url).href;

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
    const watchdogs = await watchdogsOf(id);
    expect(watchdogs).toHaveLength(1);
    engine.kill(signal);
    await expect.poll(() => anyAlive([...pids, ...watchdogs])).toBe(false);
  });

  it("though an agent ended the watchdog", async () => {
    const { engine, id, numbers } = engineWith(STUBBORN);
    const pids = await numbers();
    const first = await watchdogsOf(id);
    expect(first).toHaveLength(1);
    first.forEach(kill);
    await expect.poll(() => watchdogsOf(id)).toEqual([expect.not.toSatisfy((pid) => pid === first[0])]);
    engine.kill("SIGKILL");
    await expect.poll(() => anyAlive(pids)).toBe(false);
  });

  it("a process that was not told yet what to do does nothing", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "decurion-watchdog-")), "done");
    const { numbers } = engineWith(`echo done > ${file}`, "and die");
    const pids = await numbers();
    await expect.poll(() => anyAlive(pids)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });
});

it("a group that has ended is forgotten, and an engine that has nothing to do ends by itself", async () => {
  const [ended = Number.NaN, left = Number.NaN] = [1, 2].map(
    () => spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).pid,
  );
  onTestFinished(() => [ended, left].forEach(kill));
  const guarding = `import { watchdog } from "${WATCHDOG}";
    for (const group of [${ended}, ${left}]) watchdog.guard(group, () => undefined);
    watchdog.release(${ended});`;
  const engine = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", guarding]);
  expect(await once(engine, "exit")).toEqual([0, null]);
  await expect.poll(() => isAlive(left)).toBe(false);
  expect(await isAlive(ended)).toBe(true);
});
