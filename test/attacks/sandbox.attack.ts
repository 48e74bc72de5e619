import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentEnvironment } from "../../src/domain/agent-environment.ts";
import { type Confinement, UNCONFINED } from "../../src/processes/confinement.ts";
import { findSandbox } from "../../src/processes/find-sandbox.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import type { Sandbox } from "../../src/processes/sandbox.ts";
import { type ProcessOptions, startProcess } from "../../src/processes/start-process.ts";
import { firstLineOf, isAlive, outputOf } from "../support/processes.ts";

const environment = agentEnvironment(process.env, []);
const { signal: never } = new AbortController();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "decurion-sandbox-")));
const work = join(folder, "work");
let sandbox: Sandbox;

beforeAll(async () => {
  const found = await findSandbox(environment);
  if ("problem" in found) throw new Error(found.problem);
  sandbox = found.sandbox;
  mkdirSync(join(work, ".decurion"), { recursive: true });
  writeFileSync(join(work, ".decurion", "password"), "a secret");
  writeFileSync(join(work, ".env"), "KEY=a secret");
  writeFileSync(join(work, ".mcp.json"), "{}");
  writeFileSync(join(folder, "beside"), "a secret");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in a sandbox around `work`. */
async function run(script: string, options: Partial<ProcessOptions> = {}, more: Partial<Confinement> = {}) {
  const hides = [join(work, ".decurion"), join(work, ".env"), join(work, "no-such-file")];
  const keeps = [join(work, ".mcp.json"), join(work, "graphs")];
  const confinement = {
    ...UNCONFINED,
    sandbox,
    environment,
    hides,
    keeps,
    network: "none",
    ...more,
  } as const;
  const memory = new ProcessScope("thread/task", 500, { confinement });
  try {
    const child = startProcess("bash", ["-c", script], { memory, signal: never, folder: work, ...options });
    return await outputOf(child);
  } finally {
    await memory.close();
  }
}

describe("a process in the sandbox", () => {
  it("runs the system's programs and this Node, and changes its folder", async () => {
    const script = "git --version && node --version && echo x > made && cat made && pwd";
    const { code, stdout } = await run(script);
    expect(stdout).toMatch(new RegExp(`^git version.*\n${process.version}\nx\n${work}\n$`));
    expect(code).toBe(0);
  });

  it("sees neither the home, nor other folders, nor what is hidden", async () => {
    const { stdout } = await run(
      `cat ${folder}/beside .env .decurion/password /etc/shadow 2>&1; ls -A ~ ${folder} .decurion /run /home 2>&1`,
    );
    expect(stdout).not.toContain("a secret");
    expect(stdout).toContain("/etc/shadow: No such file or directory");
    expect(stdout).toContain(`${folder}:\nwork\n`);
  });

  it("reads a hidden file as an empty one, at which no program fails", async () => {
    const { code, stdout } = await run("cat .env && wc -c .env && cp .env copied");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "0 .env\n" });
  });

  it("changes nothing outside of its folder, and nothing that runs later", async () => {
    const { stdout } = await run(
      `echo x > ${folder}/beside; for f in /usr/x /x /etc/passwd .mcp.json /dev/x; do echo x 2>/dev/null > $f && echo "wrote $f"; done; true`,
    );
    expect(stdout).toBe("");
    expect(readFileSync(join(folder, "beside"), "utf8")).toBe("a secret");
  });

  it("sees no other process, and of the environment only what is passed", async () => {
    process.env["A_SECRET"] = "not for agents";
    const { stdout } = await run("ps ax | wc -l; cat /proc/*/environ; env");
    delete process.env["A_SECRET"];
    expect(stdout).not.toContain("not for agents");
    expect(Number(stdout.split("\n")[0])).toBeLessThan(8);
    expect(stdout).toContain("DECURION_AGENT=thread/task");
  });

  it("has no capabilities and makes no namespaces", async () => {
    const { stdout } = await run("grep CapEff /proc/self/status; unshare -U true 2>&1 || echo refused");
    expect(stdout).toMatch(/CapEff:\t0+\n[\s\S]*refused/);
  });

  it("fills no more memory than it may with files", async () => {
    const fill = (place: string) => `head -c 400M /dev/zero > ${place}/fill || echo "${place} is full"`;
    const { stdout } = await run(`${fill("/tmp")}; ${fill("/dev/shm")}; ${fill("~")}`, {}, {});
    expect(stdout.match(/is full/g)).toHaveLength(3);
  });

  it("reaches the network only when it may", async () => {
    const server = createServer((_, response) => response.end("reached")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const get = `node -e 'fetch("http://127.0.0.1:${port}").then(async (r) => console.log(await r.text()), () => console.log("nothing"))'`;
    expect((await run(get)).stdout).toBe("nothing\n");
    expect((await run(get, {}, { network: "shared" })).stdout).toBe("reached\n");
    expect((await run(get, { needs: { writes: [work], network: "shared" } })).stdout).toBe("reached\n");
    server.close();
  });

  it("ends with everything that it started, also what left its session", async () => {
    const confinement = { ...UNCONFINED, sandbox, environment };
    const memory = new ProcessScope("thread/task", 500, { confinement });
    const script = `(setsid env -i bash -c 'exec -a decurion-daemon-${process.pid} sleep 1000' &) ; echo started; exec sleep 1000`;
    const child = startProcess("bash", ["-c", script], { memory, signal: never, folder: work });
    await firstLineOf(child);
    const { pid = 0 } = child;
    await memory.close();
    expect(await isAlive(pid)).toBe(false);
    const { stdout } = await outputOf(
      startProcess("pgrep", ["-f", `decurion-daemon-${process.pid}$`], {
        memory: new ProcessScope("thread/other", 100),
        signal: never,
      }),
    );
    expect(stdout).toBe("");
  });

  it("shares a channel with this process", async () => {
    const confinement = { ...UNCONFINED, sandbox, environment };
    const memory = new ProcessScope("thread/task", 500, { confinement });
    const child = startProcess("bash", ["-c", "read -r line <&4; echo got $line >&4"], {
      memory,
      signal: never,
      folder: work,
      hasChannel: true,
    });
    child.channel?.write("word\n");
    const answer = await new Promise<string>((resolve) =>
      child.channel?.once("data", (chunk: Buffer) => resolve(String(chunk))),
    );
    expect(answer).toBe("got word\n");
    await memory.close();
  });

  it("does not run at all when its room cannot be made", async () => {
    const { code, stdout } = await run("echo ran", { needs: { writes: [join(folder, "gone")] } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});

describe("a machine without a sandbox", () => {
  it("says what to install", async () => {
    expect(await findSandbox({ PATH: folder })).toEqual({
      problem: "bubblewrap is not installed",
      fix: expect.stringContaining("apt install bubblewrap"),
    });
  });
});
