import { defineConfig } from "vitest/config";

/** What needs the real Claude Code, which is installed for these tests alone (430 MB): `npm run test:claude-code`. */
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts", "test/support/claude-code-package.ts"],
    include: ["test/**/*.claude-code.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Each Claude Code takes 200 MB and a core to start.
    maxWorkers: 2,
  },
});
