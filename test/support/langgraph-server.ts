import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll } from "vitest";
import { SECRET_KEY, type TestCli } from "./cli.ts";
import { testDatabaseUrl } from "./database.ts";
import { PACKAGE_FOLDER } from "./engine.ts";

/**
 * The server as `npm run studio` starts it, on the schema of the command line here, and clients of it.
 *
 * @returns a function, because the server runs only while tests run. Each call makes another client.
 */
export function useLangGraphServer(testCli: () => TestCli): () => Client {
  let address = "";
  let token: string | null = null;
  let stop: () => Promise<unknown> = () => Promise.resolve();
  beforeAll(async () => {
    const { claude, folder, schema } = testCli();
    const port = await freePort();
    const child = spawn(process.execPath, ["src/cli/launch.mjs", "studio", "--port", String(port)], {
      cwd: PACKAGE_FOLDER,
      env: {
        ...{ PATH: process.env["PATH"], HOME: folder, DECURION_HOME: folder },
        ...{ DATABASE_URL: testDatabaseUrl(), DATABASE_SCHEMA: schema },
        ...{ ANTHROPIC_API_KEY: SECRET_KEY, ANTHROPIC_BASE_URL: claude.url },
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    stop = () => {
      child.kill("SIGTERM");
      return ended;
    };
    await new Promise<void>((resolve, reject) => {
      let said = "";
      const hear = (text: Buffer) => {
        said += text.toString();
        if (said.includes("Server running at")) resolve();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("close", () => reject(new Error(`The server ended: ${said}`)));
    });
    address = `http://127.0.0.1:${port}`;
    token = await readFile(join(folder, "server-token"), "utf8").then(
      (text) => text.trim(),
      () => null, // A server without a token.
    );
  });
  afterAll(() => stop());
  return () => new Client({ apiUrl: address, apiKey: token });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
