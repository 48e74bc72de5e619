import { defineConfig } from "vitest/config";

const folders = (process.env["MUTATE"] ?? "domain,calls").split(",");

/** The tests of the folders that `npm run mutate` breaks. Each file has its own modules: a broken one must not stay. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
