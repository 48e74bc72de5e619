import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { type ProcessOptions, startProcess } from "../../src/processes/start-process.ts";
import { firstLineOf, isAlive, outputOf } from "../support/processes.ts";

let memory: ProcessScope;
const { signal: never } = new AbortController();
beforeEach(() => {
  memory = new ProcessScope("thread/task", 500);
});
afterEach(() => memory.close());

const shell = (script: string, options: Partial<ProcessOptions> = {}) =>
  startProcess("sh", ["-c", script], { memory, signal: never, ...options });

describe("a process of an agent", () => {
  it("reads, prints and ends as any other, in the folder that it is given", async () => {
    const child = shell("cat; pwd; echo trouble >&2; exit 3", { folder: tmpdir() });
    child.stdin.end("given\n");
    expect(await outputOf(child)).toEqual({ code: 3, stdout: `given\n${tmpdir()}\n`, stderr: "trouble\n" });
  });

  it("knows that it is inside an agent, and sees none of Decurion's secrets", async () => {
    const secrets = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DATABASE_URL"];
    for (const name of secrets) process.env[name] = "a secret of ours";
    const { stdout } = await outputOf(shell("env; cat /proc/$$/environ"));
    for (const name of secrets) delete process.env[name];

    expect(stdout).toContain("DECURION_AGENT=thread/task\n");
    expect(stdout).toContain("PATH=");
    expect(stdout).not.toMatch(/a secret of ours/);
  });

  it("has the variables it is given exactly, and they stand on no command line", async () => {
    const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const child = shell('printf "%s" "$GIVEN"', { environment: { GIVEN: value } });
        expect((await outputOf(child)).stdout).toBe(value);
      }),
      { numRuns: 30, examples: [['it\'s "$HOME" `id` \\ \n\n'], [""], ["-n"], ["ends in a line\n"]] },
    );
    const child = shell("tr '\\0' ' ' < /proc/$$/cmdline; env", { environment: { GIVEN: "hidden" } });
    expect((await outputOf(child)).stdout).toMatch(/^sh -c tr .*\nGIVEN=hidden\n/s);
  });

  it("cannot be given a variable whose name is a command", () => {
    expect(() => shell("true", { environment: { "A=1; touch /tmp/x; B": "" } })).toThrow(/not a valid name/);
  });

  it("that cannot be found says so, with the code of a shell", async () => {
    const environment = { PATH: "/usr/bin:/bin" }; // A folder that may not be looked into makes it 126.
    const child = startProcess("no-such-command", [], { memory, signal: never, environment });
    expect(await outputOf(child)).toMatchObject({ code: 127, stderr: expect.stringContaining("not found") });
  });

  it("in a folder that is not there ends with an error", async () => {
    const child = shell("true", { folder: "/no/such/folder" });
    expect(await new Promise((resolve) => child.once("error", resolve))).toMatchObject({
      message: expect.stringContaining("ENOENT"),
    });
  });
});

it.each([
  ["too long", "x".repeat(300_000)],
  ["no string of the system", "a\0b"],
])("a parameter that is %s is an error of that process alone", async (_, parameter) => {
  const other = shell("read line; echo $line");
  const wrong = startProcess("echo", [parameter], { memory, signal: never });
  expect(await new Promise((resolve) => wrong.once("error", resolve))).toBeInstanceOf(Error);
  other.stdin.end("still here\n");
  expect(await outputOf(other)).toMatchObject({ code: 0, stdout: "still here\n" });
});

it("a reader gets all output of a process that has ended, however slowly it reads", async () => {
  const child = shell("head -c 400000 /dev/zero");
  const read: Buffer[] = [];
  for await (const chunk of child.stdout) {
    read.push(chunk);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(Buffer.concat(read)).toHaveLength(400_000);
});

describe("what a process started", () => {
  const withChild = "sleep 300 & echo $!; wait";

  it("ends with it", async () => {
    const { stdout, code } = await outputOf(shell("sleep 300 & echo $!"));
    expect(code).toBe(0);
    await expect.poll(() => isAlive(Number(stdout))).toBe(false);
  });

  it.each([
    ["when it is killed", (child: ReturnType<typeof shell>) => child.kill()],
    ["when the attempt ends", () => memory.close()],
  ])("ends %s", async (_, end) => {
    const child = shell(withChild);
    const pid = Number(await firstLineOf(child));
    expect(await isAlive(pid)).toBe(true);
    await end(child);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("ends when it is told to stop, and nothing keeps listening for that", async () => {
    const stop = new AbortController();
    const child = shell(withChild, { signal: stop.signal });
    const pid = Number(await firstLineOf(child));
    stop.abort();
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(() => shell("true", { signal: stop.signal })).toThrow(/aborted/);
  });

  it.each([
    ["is silent", "exec sleep 300"],
    ["prints on and on", "while :; do echo on; sleep 0.1; done"],
  ])("keeps nobody waiting for its output, though it left the group and %s", async (_, rest) => {
    const folder = await mkdtemp(join(tmpdir(), "decurion-process-"));
    const daemon = `setsid sh -c 'echo $$ > pipe; ${rest}' & read pid < pipe; echo $pid`;
    const { stdout, code } = await outputOf(shell(`mkfifo pipe; ${daemon}`, { folder }));
    expect(code).toBe(0);
    process.kill(Number(/^\d+$/m.exec(stdout)?.[0]), "SIGKILL");
  });
});
