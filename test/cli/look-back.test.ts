import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

const testCli = useCli({
  faults: [{ kind: "stall", afterEvents: 2, when: { match: "get stuck" } }],
});
const run = async (...args: string[]) => {
  const ended = await testCli().run(args);
  return { ...ended, json: ended.stdout.startsWith("{") ? JSON.parse(ended.stdout) : undefined };
};

describe("history and fork", () => {
  it("go back to where the plan was approved and on from there, for nothing; --fresh pays anew", async () => {
    const { json } = await run(
      "run",
      "orchestrate",
      "@sydney-coder write a haiku",
      "--auto-approve",
      "--json",
    );
    const { thread, costUsd } = json;

    const { json: past } = await run("history", thread, "--json");
    const checkpoint = past.checkpoints.find((one: { next: string[] }) => one.next[0] === "claude_executor");
    expect((await run("history", thread, "--limit", "2")).stdout).toContain("(the end)");
    const forked = await run("fork", thread, "--at", checkpoint.id, "--json");
    expect(forked).toMatchObject({ code: 0, json: { thread, status: "completed", costUsd } });
    const fresh = await run("fork", thread, "--at", checkpoint.id, "--fresh", "--json");

    expect(fresh.json.calls.paid).toBe(json.calls.paid + forked.json.calls.replayed);
    expect(fresh.json.costUsd).toBeGreaterThan(costUsd);
  });

  it("say what is wrong in a sentence", async () => {
    const none = "00000000-0000-4000-8000-000000000000";
    expect(await run("history", none)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no thread"),
    });
    expect(await run("fork", none)).toMatchObject({ code: 2, stderr: expect.stringContaining("--at") });
    expect(await run("cancel", none)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no thread"),
    });
  });
});

describe("cancel", () => {
  it("ends a thread that another process runs, which says so and exits with 1", async () => {
    const running = testCli().start([
      "run",
      "orchestrate",
      "@sydney-coder get stuck",
      "--auto-approve",
      "--json",
    ]);
    const said = await running.saying(/Thread \S{36}/);
    const thread = /Thread (\S{36})/.exec(said)?.[1] ?? "";
    await expect.poll(() => testCli().claude.account().faults["stall"]).toBe(1);

    const cancelled = await run("cancel", thread);

    expect(cancelled).toMatchObject({ code: 0, stderr: expect.stringContaining("is cancelling it") });
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: "cancelled", tasks: [{ status: "cancelled" }] });
  });
});
