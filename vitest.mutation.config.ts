import { defineConfig } from "vitest/config";

const folders = (process.env["MUTATE"] ?? "domain").split(",");

/** Tests of other folders that a folder is shown by, where they are fast. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  domain: ["test/agents/{driver-warnings,mentions,parse,plugins,registry}.test.ts"],
  requests: ["test/nodes/plan.test.ts"],
};

/** The tests of the folders that `npm run mutate` breaks. Each file has its own modules: a broken one must not stay. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: folders.flatMap((folder) => [`test/${folder}/**/*.test.ts`, ...(ELSEWHERE[folder] ?? [])]),
    // Short, because a mutant that never ends costs this much.
    expect: { poll: { timeout: 8_000 } },
    testTimeout: 15_000,
    hookTimeout: 60_000,
  },
});
