import { defineConfig } from "vitest/config";

/** What needs a browser, Debian's chromium: `npm run test:browser`. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.browser.ts"],
    // A machine that does much else is slow, and that is no failure.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
