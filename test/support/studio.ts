import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { SECRET_KEY, type TestCli } from "./cli.ts";
import { testDatabaseUrl } from "./database.ts";
import { freePort } from "./free-port.ts";
import { PACKAGE_FOLDER } from "./package-folder.ts";

/** The server as `npm run studio` starts it, in a process group of its own. */
export interface Studio {
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** All that it has written so far. */
  said(): string;
  /** Ends it as Ctrl-C does. @returns its exit code. */
  stop(): Promise<number | null>;
  /** Ends it and all its children with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts it in the package's folder, on the schema of the command line of this test. */
export async function startStudio(
  { claude, folder, schema }: TestCli,
  port?: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Studio> {
  const chosen = port ?? (await freePort());
  const launcher = join(PACKAGE_FOLDER, "src/cli/launch.mjs");
  const child = spawn(process.execPath, [launcher, "studio", "--port", String(chosen)], {
    cwd: PACKAGE_FOLDER,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      DECURION_HOME: join(folder, "home"),
      DATABASE_URL: testDatabaseUrl(),
      DATABASE_SCHEMA: schema,
      ANTHROPIC_API_KEY: SECRET_KEY,
      ANTHROPIC_BASE_URL: claude.url,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString();
      if (said.includes("Server running at")) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", () => reject(new Error(`The server ended: ${said}`)));
  });
  return {
    port: chosen,
    address: `http://127.0.0.1:${chosen}`,
    token: /control\/login\?token=(\S+)/.exec(said)?.[1] ?? "",
    said: () => said,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
    kill: async () => {
      killServer(child);
      await ended;
    },
  };
}

/** The server is a process group of its own below the command line. */
function killServer(child: ChildProcess): void {
  const { stdout } = spawnSync("ps", ["-o", "pid=,pgid=", "--ppid", String(child.pid)], { encoding: "utf8" });
  for (const line of stdout.trim().split("\n")) {
    const [pid, group] = line.trim().split(/\s+/);
    if (pid === group) process.kill(-Number(group), "SIGKILL");
  }
  child.kill("SIGKILL");
}
