import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { MemoryExceededError } from "../../src/domain/errors.ts";
import { ModuleWorker, WorkerError } from "../../src/processes/module-worker.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { isAlive } from "../support/processes.ts";

const MODULE = `
  import { appendFileSync } from "node:fs";
  let count = 0;
  const kept = [];
  export const pid = () => process.pid;
  export const next = () => ++count;
  export const echo = (...given) => given.slice(0, -1);
  export const environment = () => ({ ...process.env });
  export const print = () => { console.log('{"id":1,"value":"not this"}'); return "this"; };
  export const nothing = () => undefined;
  export const fail = () => { throw new Error("it is broken"); };
  export const crash = () => { console.error("dying words"); process.exit(7); };
  export const wait = (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("late")));
  export const spin = (file) => { appendFileSync(file, "on"); for (;;); };
  export const huge = () => "x".repeat(20 * 1024 * 1024);
  export const garbage = () => { appendFileSync(4, "{]\\n"); return new Promise(() => 0); };
  export const buffers = () => { for (let at = 0; at < 200; at++) kept.push(Buffer.alloc(2e7, 1)); };
  export const heap = () => { for (;;) kept.push(Array.from({ length: 1e5 }, (_, at) => at + 0.5)); };
`;
const module = `data:text/javascript,${encodeURIComponent(MODULE)}`;

const { signal: never } = new AbortController();
const opened: ProcessScope[] = [];
afterEach(() => Promise.all(opened.splice(0).map((memory) => memory.close())));

function open(limitMb = 400, signal = never) {
  const memory = new ProcessScope(`thread-${process.pid}/w${performance.now()}`, limitMb);
  opened.push(memory);
  return { memory, worker: new ModuleWorker({ module, memory, signal }) };
}

describe("a module in a worker of its own", () => {
  it("does what it is called for, keeps its state, and calls run side by side", async () => {
    const { worker } = open();
    const given = [1, "two", { three: [null, true] }];
    const all = await Promise.all([worker.call("next", [], never), worker.call("echo", given, never)]);
    expect(all).toEqual([1, given]);
    expect(await worker.call("next", [], never)).toBe(2);
    expect(await worker.call("nothing", [], never)).toBeNull();
    expect(await worker.call("print", [], never)).toBe("this");
  });

  it("is started by the first call and not before; it ends with the attempt", async () => {
    const { worker, memory } = open();
    const pid = Number(await worker.call("pid", [], never));
    expect(pid).not.toBe(process.pid);
    await memory.close();
    expect(await isAlive(pid)).toBe(false);
  });

  it("sees none of Decurion's secrets, and knows that it is inside an agent", async () => {
    process.env["ANTHROPIC_API_KEY"] = "a secret of ours";
    const { worker, memory } = open();
    const environment = await worker.call("environment", [], never);
    delete process.env["ANTHROPIC_API_KEY"];
    expect(environment).toMatchObject({ DECURION_AGENT: memory.agent });
    expect(environment).not.toHaveProperty("ANTHROPIC_API_KEY");
  });
});

describe("trouble in a worker", () => {
  it.each([
    ["fail", /^it is broken$/],
    ["absent", /no function "absent"/],
    ["crash", /^The tool's process ended with 7: dying words\.$/],
    ["huge", /sent a message of more than 16 MB/],
    ["garbage", /sent something that is not a message/],
  ])("is an error of that call, and the next one works: %s", async (name, says) => {
    const { worker } = open();
    const error = await worker.call(name, [], never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkerError);
    expect(String(error)).toMatch(new RegExp(says.source.replace(/^\^/, "^WorkerError: ")));
    expect(await worker.call("echo", ["fine"], never)).toEqual(["fine"]);
  });

  it.each(["buffers", "heap"])("with its memory fails the attempt: %s", async (name) => {
    const { worker } = open(150);
    await expect(worker.call(name, [], never)).rejects.toThrow(MemoryExceededError);
  });
});

describe("a call that is aborted", () => {
  it("ends at once and alone", async () => {
    const { worker } = open();
    const stop = new AbortController();
    const pid = await worker.call("pid", [], never);
    const waiting = worker.call("wait", [], stop.signal);
    const unbegun = worker.call("next", [], stop.signal);
    stop.abort(new Error("no longer wanted"));
    await expect(unbegun).rejects.toThrow("no longer wanted");
    await expect(waiting).rejects.toThrow("no longer wanted");
    expect(await worker.call("pid", [], never)).toBe(pid);
    expect(await worker.call("next", [], never)).toBe(1);
    await expect(worker.call("pid", [], stop.signal)).rejects.toThrow("no longer wanted");
  });

  it("and hears nothing ends the process; the next call has a new one", async () => {
    const { worker } = open();
    const pid = await worker.call("pid", [], never);
    const stop = new AbortController();
    const file = join(await mkdtemp(join(tmpdir(), "decurion-worker-")), "started");
    const spinning = worker.call("spin", [file], stop.signal);
    const other = worker.call("wait", [], never);
    await expect.poll(() => existsSync(file)).toBe(true);
    stop.abort(new Error("no longer wanted"));
    await expect(spinning).rejects.toThrow("no longer wanted");
    await expect(other).rejects.toThrow("ended with SIGKILL");
    expect(await worker.call("pid", [], never)).not.toBe(pid);
  });

  it("with the whole attempt ends the process", async () => {
    const attempt = new AbortController();
    const { worker } = open(400, attempt.signal);
    const pid = Number(await worker.call("pid", [], never));
    const waiting = worker.call("wait", [], never);
    attempt.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    expect(await isAlive(pid)).toBe(false);
  });
});
