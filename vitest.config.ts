import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest: one that starts last would keep a single worker busy at the end. */
const LONGEST =
  /\/(chaos\/|graphs\/(thread-ends|answer-forms|studio)|cli\/(stop-and-go-on|answers|human-decides|run|node-errors|look-back|settle|interrupts)|server\/attacks|postgres\/server|tools\/mcp)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.test.ts"],
    // The checkpoint suite of LangGraph uses vitest's globals.
    globals: true,
    // A worker loads LangGraph once and not for each of its files, which would be most of what a run costs. No module
    // of ours keeps state between threads; a test that changes its process undoes it.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Tests wait for processes and for Postgres more than they compute.
    maxWorkers: Math.min(8, 2 * availableParallelism()),
    // A machine that does much else is slow, and that is no failure.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
