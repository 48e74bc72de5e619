import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { kill } from "../../src/processes/kill-group.ts";
import { useCli } from "../support/cli.ts";

const GOOD = { summary: "careful", output: "The work.", confidence: 0.9, emotionalState: {} };
const testCli = useCli({
  answers: [
    { json: GOOD, when: { match: "is written[^]*This call was interrupted" } },
    {
      tools: [
        { name: "Write", input: { file_path: "a.txt", content: "alpha" } },
        { name: "Bash", input: { command: "echo once >> ran; echo $$ > pid; exec sleep 1000" } },
      ],
      when: { match: "^work long" },
    },
  ],
});

it("a run that is killed while a tool runs goes on without running any tool again", async () => {
  const { folder, start, run, claude } = testCli();
  const thread = randomUUID();
  const plan = join(folder, "plan.json");
  await writeFile(plan, JSON.stringify({ tasks: [{ id: "a", agent: "sydney-coder", prompt: "work long" }] }));
  const file = (name: string) => join(folder, ".decurion", "workspaces", thread, name);
  const words = ["--thread", thread, "--auto-approve", "--no-synthesis"];
  const running = start(["run", "orchestrate", "--plan", plan, ...words]);
  await expect.poll(() => existsSync(file("pid")) && readFileSync(file("pid"), "utf8")).toMatch(/^\d+\n/);
  onTestFinished(() => kill(Number(readFileSync(file("pid"), "utf8"))));
  running.child.kill("SIGKILL");
  await running.ended;
  const before = claude.account().answers;

  const { code, stdout } = await run(["resume", thread, "--json"]);

  expect(code).toBe(0);
  expect(JSON.parse(stdout).tasks).toMatchObject([{ status: "completed", summary: "careful", attempts: 1 }]);
  expect(JSON.parse(stdout).calls).toMatchObject({ paid: 2, replayed: 1, unknown: 0 });
  expect(claude.account().answers).toBe(before + 1);
  expect(readFileSync(file("ran"), "utf8")).toBe("once\n");
  expect(readFileSync(file("a.txt"), "utf8")).toBe("alpha");
});
