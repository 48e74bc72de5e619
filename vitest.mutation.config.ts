import { defineConfig } from "vitest/config";

const folders = (process.env["MUTATE"] ?? "domain").split(",");

/** The tests that show a folder, where these are not simply its own: some of other folders, or only the faster ones. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  domain: ["test/{domain,agents}/*.test.ts"],
  requests: ["test/requests/*.test.ts", "test/nodes/plan.test.ts"],
  runs: [
    "test/runs/{answer,answering,cache-report,cancel,engine-holder,findings,interrupts,load-graphs}.test.ts",
  ],
};

/** The tests of the folders that `npm run mutate` breaks. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: folders.flatMap((folder) => TESTS[folder] ?? `test/${folder}/**/*.test.ts`),
    // LangGraph is loaded once for all files of a folder, which would be most of what a mutant costs.
    isolate: false,
    // Short, because a mutant that never ends costs this much.
    expect: { poll: { timeout: 8_000 } },
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});
