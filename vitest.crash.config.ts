import { defineConfig } from "vitest/config";

/** Kills real processes at every point between two durable effects, some hundred of them: `npm run test:crash`. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.crash.ts"],
    maxConcurrency: 2,
    testTimeout: 2_700_000,
    hookTimeout: 300_000,
  },
});
