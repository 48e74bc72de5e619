import { defineConfig } from "vitest/config";
import { AttackTable } from "./test/attacks/support/attack-table.ts";

/** Attacks on what a person approves, on real terminals and in Debian's chromium: `npm run test:attacks`. */
export default defineConfig({
  test: {
    globalSetup: "test/support/global-setup.ts",
    maxWorkers: 3, // They wait for programs more than they compute.
    include: ["test/attacks/**/*.attack.ts"],
    reporters: ["default", new AttackTable()],
    // A machine that does much else is slow, and that is no failure.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
