import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { displayWidth } from "../../../src/cli/view/display-width.ts";
import { renderFrame } from "../../../src/cli/view/live-frame.ts";
import { createProgressView } from "../../../src/cli/view/progress-view.ts";
import { RunProgress } from "../../../src/cli/view/run-progress.ts";
import type { ProgressEvent } from "../../../src/domain/event.ts";
import type { TaskStatus } from "../../../src/domain/task.ts";
import { Screen } from "../../support/screen.ts";

const ESC = "\u001b";
const planned = (...ids: string[]): ProgressEvent => ({
  type: "planned",
  tasks: ids.map((id) => ({ id, agent: "coder", description: "" })),
});
const task = (id: string, status: TaskStatus, more: object = {}): ProgressEvent => ({
  type: "task",
  id,
  agent: "coder",
  status,
  summary: null,
  error: null,
  costUsd: 0,
  ms: null,
  ...more,
});
const call = (status: "running" | "done" | "failed", summary: string): ProgressEvent => ({
  type: "tool",
  phase: "agents",
  taskId: "one",
  id: "toolu_1",
  name: "Bash",
  status,
  summary,
});
const DONE = { summary: "It is done.", costUsd: 0.01, ms: 1500 };

function liveView(screen: Screen) {
  let now = 0;
  const view = createProgressView({
    stream: screen,
    isTerminal: true,
    color: false,
    budgetUsd: 0.3,
    now: () => now,
  });
  return {
    ...view,
    tell: (...events: ProgressEvent[]) => {
      for (const event of events) {
        view.onEvent(event);
        now += 100;
        vi.advanceTimersByTime(100); // The frame's time has come.
      }
    },
    view,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the live list", () => {
  it("is drawn over again in place: the plan, who runs, who is done, and the money", () => {
    const screen = new Screen(80, 24);
    const { tell, view } = liveView(screen);

    tell(planned("one", "two"), task("one", "running"));
    expect(screen.text).toMatch(/^. agents · 0 of 2 done · \$0\.0000 of \$0\.30/);
    expect(screen.isCursorShown).toBe(false);
    tell(
      task("one", "completed", DONE),
      task("two", "running"),
      task("two", "failed", { error: "No.", ms: 5 }),
    );
    view.stop();

    const lines = screen.text.split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/1 of 2 done · 1 failed · \$0\.0100 of \$0\.30/);
    expect(lines[1]).toMatch(/^✓ one +coder +1\.5 s +\$0\.0100 {2}It is done\./);
    expect(lines[2]).toMatch(/^✗ two +coder .*No\.$/);
    expect(screen.isCursorShown).toBe(true);
  });

  it("shows a tool call of a task while it runs", () => {
    const screen = new Screen(80, 24);
    const { tell, view } = liveView(screen);
    tell(planned("one"), task("one", "running"), call("running", '{"command":"ls"}'));
    expect(screen.text).toContain('Bash {"command":"ls"}');
    view.stop();
  });

  it("goes away for a question and comes back; a note stays above it", () => {
    const screen = new Screen(80, 24);
    const { tell, view } = liveView(screen);
    tell(planned("one"), task("one", "running"));

    view.note("Something happened.");
    expect(screen.text).toMatch(/^Something happened\.\n. agents/);
    view.pause();
    expect(screen.text).toBe("Something happened.");
    expect(screen.isCursorShown).toBe(true);
    tell(task("one", "completed", DONE));
    expect(screen.text).toBe("Something happened.");
    view.resume();
    expect(screen.text).toMatch(/1 of 1 done/);
    view.stop();
    view.stop();
    expect(screen.text.split("\n")).toHaveLength(3);
  });

  it("shows how far a task says it is before its words, until it starts anew", () => {
    const screen = new Screen(100, 24);
    const { tell, view } = liveView(screen);
    const ofOne = { phase: "agents", taskId: "one" } as const;
    tell(planned("one"), task("one", "running"));
    tell({ type: "progress", ...ofOne, status: `design${ESC}[2J`, progress: { done: 40 } });
    expect(screen.text).toMatch(/design \(done 40\)$/);
    tell({ type: "text", ...ofOne, text: "The words." });
    expect(screen.text).toMatch(/design \(done 40\): The words\.$/);
    tell({ type: "note", ...ofOne, text: "Attempt 1 failed." });
    expect(screen.text).toMatch(/ {2}Attempt 1 failed\.$/);
    tell({ type: "progress", phase: "agents", taskId: "nobody", status: "lost", progress: null });
    expect(screen.text).not.toContain("lost");
    view.stop();
  });

  it("shows the latest words of an answer in JSON, and nothing that could harm the terminal", () => {
    const screen = new Screen(100, 24);
    const { tell, view } = liveView(screen);
    const text = `{"output": "Half of the ${ESC}[2Jwork`;

    tell(planned(`one${ESC}[31m`), task(`one${ESC}[31m`, "running"));
    tell({ type: "text", phase: "agents", taskId: `one${ESC}[31m`, text });
    view.stop();

    expect(screen.text).toContain("Half of the");
    expect(screen.text).not.toContain("output");
    expect(screen.text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

describe("a frame", () => {
  it.each([
    [20, 5],
    [40, 10],
    [80, 24],
    [200, 50],
  ])("on %d × %d is never larger than the terminal, with 10,000 tasks too", (columns, rows) => {
    const progress = new RunProgress();
    const ids = Array.from({ length: 10_000 }, (_, index) => `task-${index}-漢字-${"x".repeat(index % 40)}`);
    progress.hear(planned(...ids), 0);
    for (const [index, id] of ids.slice(0, 500).entries()) {
      progress.hear(task(id, "running"), index);
      if (index % 7 !== 0) progress.hear(task(id, "completed", DONE), index);
    }

    const lines = renderFrame(progress, {
      columns,
      rows,
      color: false,
      nowMs: 1000,
      elapsedMs: 1000,
      budgetUsd: 0.3,
      isLive: true,
    });

    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(displayWidth(line)).toBeLessThan(columns);
    expect(lines[0]).toMatch(/^. agents/);
    if (columns >= 80) expect(lines.at(-1)).toMatch(/… .*9,500 more pending|more pending/);
  });
});

describe("where there is no terminal", () => {
  it("each thing that happens is a plain line, and streaming text none", () => {
    let written = "";
    const stream = { write: (text: string) => (written += text) };
    const view = createProgressView({ stream, isTerminal: false, color: false, budgetUsd: 0.3 });

    for (const event of [
      planned("one", `two${ESC}[31m\nforged line`),
      task("one", "running"),
      { type: "text", phase: "agents", taskId: "one", text: "words" },
      { type: "call", phase: "plan", taskId: "plan", costUsd: 0.005 },
      { type: "progress", phase: "agents", taskId: "one", status: `far${ESC}[31m\nforged`, progress: 40 },
      { type: "note", phase: "agents", taskId: "one", text: "Trying again in 1 s." },
      call("running", '{"command":"ls"}'),
      call("done", "a.txt"),
      call("failed", "Exit code 2"),
      task("one", "completed", DONE),
    ] satisfies ProgressEvent[]) {
      view.onEvent(event);
    }
    view.stop();

    expect(written.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^plan: 2 tasks: one \(coder\), two.*forged line \(coder\)$/),
      "started    one (coder)",
      "paid       plan  $0.0050",
      "progress   one  far forged (40)",
      "note       one  Trying again in 1 s.",
      'tool       one  Bash  {"command":"ls"}',
      "tool error  one  Bash  Exit code 2",
      "completed  one  1.5 s  $0.0100  It is done.",
    ]);
    expect(written).not.toContain(ESC);
  });
});
