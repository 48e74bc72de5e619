import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Scenario } from "../../../src/claude/simulator/scenario.ts";
import { type TestCli, useCli } from "../cli.ts";

export interface TestStudio {
  readonly cli: TestCli;
  /** The link that lets a browser in, as it is printed. */
  readonly link: string;
  /** Runs a plan from the terminal until it ends or waits. @returns the thread's id. */
  runPlan(
    tasks: readonly { id: string; agent: string; prompt: string; dependsOn?: string[] }[],
  ): Promise<string>;
}

/** `npm run studio` as people start it, on a schema of this file's own and with a simulator in Claude's place. */
export function useStudio(scenario: Partial<Scenario>, latencyMs = 0): () => TestStudio {
  const testCli = useCli(scenario, latencyMs);
  let made: TestStudio | undefined;
  let stop: () => Promise<unknown> = () => Promise.resolve();
  beforeAll(async () => {
    const cli = testCli();
    const studio = cli.start(["studio", "--port", String(await freePort())]);
    stop = () => {
      studio.child.kill("SIGTERM");
      return studio.ended;
    };
    const isReady = new Promise<void>((resolve) => {
      let said = "";
      studio.child.stdout?.on("data", (text: string) => {
        said += text;
        if (said.includes("Server running at")) resolve();
      });
    });
    const said = await studio.saying(/\/control\/login\?token=\S+/);
    await Promise.race([isReady, studio.ended]);
    made = {
      ...{ cli, link: /http:\S+\/control\/login\?token=\S+/.exec(said)?.[0] ?? "" },
      runPlan: async (tasks) => {
        const plan = join(cli.folder, `plan-${Date.now()}.json`);
        await writeFile(plan, JSON.stringify({ tasks }));
        const { stdout, stderr } = await cli.run([
          "run",
          "orchestrate",
          "A plan",
          "--plan",
          plan,
          "--auto-approve=plan",
          "--json",
        ]);
        if (stdout === "") throw new Error(`The plan could not be run: ${stderr}`);
        return JSON.parse(stdout).thread;
      },
    };
  });
  afterAll(() => stop());
  return () => {
    if (!made) throw new Error("The server is there only while tests run.");
    return made;
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address ? address.port : 0;
}
