import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

const testCli = useCli({ faults: [{ kind: "no-usage" }] });

/** A thread of two answers whose costs no server counted, and the ids of their calls. */
async function unknownCalls() {
  const { folder, run } = testCli();
  const file = join(folder, "plan.json");
  const tasks = ["one", "two"].map((id) => ({ id, agent: "sydney-coder", prompt: id }));
  await writeFile(file, JSON.stringify({ tasks }));
  const ran = await run(["run", "orchestrate", "--plan", file, "--auto-approve", "--no-synthesis", "--json"]);
  const { thread } = JSON.parse(ran.stdout);
  const shown = await run(["cost", thread, "--settle"]);
  const ids = [...shown.stderr.matchAll(/Call (\d+): /g)].map(([, id = ""]) => id);
  return { thread, shown, ids };
}

describe("cost --settle", () => {
  it("shows the calls whose costs are unknown, and settles them at what a human says", async () => {
    const { run } = testCli();
    const { thread, shown, ids } = await unknownCalls();
    const [one = "", other = ""] = ids;

    expect(shown.stdout).toContain("2 calls of unknown cost");
    expect(shown.stderr).toContain(`cost ${thread} --settle CALL=USD`);
    for (const wrong of ["0=0.1", `${one}=much`, one]) {
      expect(await run(["cost", thread, "--settle", wrong])).toMatchObject({ code: 2 });
    }
    const settled = await run(["cost", thread, "--settle", `${one}=0.001`, `${other}=$0.002`, "--json"]);

    expect(settled.code, settled.stderr).toBe(0);
    expect(JSON.parse(settled.stdout)).toMatchObject({ costUsd: 0.003, calls: { paid: 2, unknown: 0 } });
  });

  it("asks about each on a terminal, where Enter leaves a call as it is", async () => {
    const { run, onTerminal } = testCli();
    const { thread } = await unknownCalls();

    await onTerminal(
      ["cost", thread, "--settle"],
      [
        ["What did it cost", "\r"],
        ["What did it cost", "0.002\r"],
      ],
    );

    expect(JSON.parse((await run(["cost", thread, "--json"])).stdout)).toMatchObject({
      calls: { unknown: 1 },
    });
  });
});
