import { defineConfig } from "vitest/config";

/** What needs a connection pooler, Debian's pgbouncer: `npm run test:pooler`. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    include: ["test/**/*.pooler.ts"],
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
