import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

const testCli = useCli({ faults: [{ kind: "stall", when: { match: "^stay busy", times: 1 } }] });

it("what a task asks while another works is the same request after a kill, and is answered once", async () => {
  const { folder, start, run, claude } = testCli();
  const thread = randomUUID();
  const plan = join(folder, "plan.json");
  const tasks = [
    { id: "asks", agent: "sydney-coder", prompt: 'call Bash {"command": "echo once >> ran"}' },
    { id: "works", agent: "sydney-research", prompt: "stay busy" },
  ];
  await writeFile(plan, JSON.stringify({ tasks }));
  const words = ["--thread", thread, "--auto-approve=plan", "--no-synthesis"];
  const running = start(["run", "orchestrate", "--plan", plan, ...words], { STREAM_IDLE_SECONDS: "600" });
  const asked = async (...more: string[]): Promise<string[]> => {
    const { waiting, requests = waiting } = JSON.parse(
      (await run(["inbox", thread, "--json", ...more])).stdout,
    );
    return requests.map(({ id }: { id: string }) => id);
  };
  await expect.poll(() => asked(), { timeout: 30_000, interval: 100 }).toHaveLength(1);
  const [id = ""] = await asked();
  running.child.kill("SIGKILL");
  await running.ended;
  expect(await asked()).toEqual([id]);
  const before = claude.account().answers;

  const { code, stdout } = await run(["answer", id, "approve", "--json"]);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    status: "completed",
    tasks: [
      { id: "asks", status: "completed", attempts: 1 },
      { id: "works", status: "completed", attempts: 1 },
    ],
    calls: { replayed: 1, unknown: 1 },
    answers: [{ kind: "plan" }, { id, task: "asks", decision: { type: "approve" }, answeredVia: "cli" }],
  });
  expect(claude.account().answers).toBe(before + 2);
  expect(readFileSync(join(folder, ".decurion", "workspaces", thread, "ran"), "utf8")).toBe("once\n");
  expect((await asked("--all")).filter((one) => one.startsWith("tool-"))).toEqual([id]);
});
