import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.test.ts"],
    // The checkpoint suite of LangGraph uses vitest's globals.
    globals: true,
    // A worker loads LangGraph once and not for each of its files, which would be most of what a run costs. No module
    // of ours keeps state between threads; a test that changes its process undoes it.
    isolate: false,
    // Tests wait for processes and for Postgres more than they compute.
    maxWorkers: Math.min(8, 2 * availableParallelism()),
    // A machine that does much else is slow, and that is no failure.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
