import { defineConfig } from "vitest/config";

/** What needs the package as people install it, from its tarball: `npm run test:package`. */
export default defineConfig({
  test: {
    include: ["test/**/*.package.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
