import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.test.ts"],
    // The checkpoint suite of LangGraph uses vitest's globals.
    globals: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
