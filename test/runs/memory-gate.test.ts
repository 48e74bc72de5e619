import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";

/** More than any machine has: there is room for one agent with processes, and only because there is none. */
const HUGE_MB = "100000000";
const testEngine = useEngine({
  latencyMs: 20,
  environment: { BUDGET_USD: "20", ALLOW_COMMANDS: "true", AGENT_MEMORY_MB: HUGE_MB },
});

const task = (id: string, validate?: object) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt: id,
  dependsOn: [],
  ...(validate && { validate }),
});

async function runTasks(tasks: readonly object[]) {
  const plan = { input: "x", currentTasks: tasks };
  const report = await testEngine().run(plan, { autoApprove: ["plan"], synthesis: false, parallel: 10 });
  const notes = report.events.flatMap((event) =>
    event.type === "note" && event.text.includes("waits for memory") ? [event.taskId] : [],
  );
  return { ...report, notes };
}

describe("on a machine without memory", () => {
  it("agents with processes work one at a time, say that they wait, and all complete", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "decurion-gate-")), "log");
    const command = `echo begins >> ${file}; sleep 0.2; echo ends >> ${file}`;
    const { status, notes } = await runTasks(["a", "b", "c", "d"].map((id) => task(id, { command })));

    expect(status).toBe("completed");
    expect(notes.length).toBeGreaterThan(0);
    expect(await readFile(file, "utf8")).toBe("begins\nends\n".repeat(4));
  });

  it("agents that start no processes are not held, though they may have Bash", async () => {
    const { status, notes, peakParallel } = await runTasks(["a", "b", "c", "d"].map((id) => task(id)));
    expect({ status, notes }).toEqual({ status: "completed", notes: [] });
    expect(peakParallel).toBeGreaterThan(1);
  });
});
