import { afterAll, beforeAll, expect } from "vitest";
import type { RequestList, ThreadDetail, ThreadStarted } from "../../../src/server/api-types.ts";
import type { Scenario } from "../../../src/simulator/scenario.ts";
import { useCli } from "../cli.ts";
import { freePort } from "../free-port.ts";

interface PlannedTask {
  readonly id: string;
  readonly agent: string;
  readonly prompt: string;
}

export interface TestStudio {
  /** The link that lets a browser in, as it is printed. */
  readonly link: string;
  /** Runs a plan without asking about it, until it ends or waits. @returns the thread's id. */
  runPlan(tasks: readonly PlannedTask[]): Promise<string>;
  /** Gives up what a thread asks, as another person does elsewhere. */
  rejectAll(thread: string): Promise<void>;
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
    const link = /http:\S+\/control\/login\?token=\S+/.exec(said)?.[0] ?? "";
    made = { link, ...clientOf(new URL(link)) };
  });
  afterAll(() => stop());
  return () => {
    if (!made) throw new Error("The server is there only while tests run.");
    return made;
  };
}

/** Another client of the same server. */
function clientOf(link: URL): Pick<TestStudio, "runPlan" | "rejectAll"> {
  const headers = {
    "x-api-key": link.searchParams.get("token") ?? "",
    "content-type": "application/json",
  };
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(new URL(`/control/api/${path}`, link), { headers, ...sent });
    if (!response.ok)
      throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    runPlan: async (tasks) => {
      const options = { autoApprove: ["plan"], synthesis: false };
      const started = await call<ThreadStarted>("threads", {
        graph: "orchestrate",
        input: "A plan",
        tasks,
        options,
      });
      const isAtRest = async () => {
        const { thread } = await call<ThreadDetail>(`threads/${started.thread}`);
        return thread.status !== "queued" && thread.status !== "running";
      };
      await expect.poll(isAtRest, { timeout: 30_000 }).toBe(true);
      return started.thread;
    },
    rejectAll: async (thread) => {
      const { requests } = await call<RequestList>(`requests?thread=${thread}`);
      const decision = { type: "reject", message: "No." };
      for (const { id } of requests) await call(`requests/${id}/answer`, { decision });
    },
  };
}
