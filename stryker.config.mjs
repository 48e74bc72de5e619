// Mutation tests: what of a folder could be broken without a test that fails. `npm run mutate`, or for other folders
// `MUTATE=attempts,requests npm run mutate`. The report is in reports/mutation.

const folders = (process.env["MUTATE"] ?? "domain,calls").split(",");

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: folders.map((folder) => `src/${folder}/**/*.ts`),
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutation.config.ts" },
  coverageAnalysis: "perTest",
  concurrency: 1,
  // Words for people change more often than what they say; schemas and tables are read once, at import.
  mutator: { excludedMutations: ["StringLiteral"] },
  ignoreStatic: true,
  ignorePatterns: [".decurion", "reports", "docs"],
  reporters: ["clear-text", "progress-append-only", "json", "html"],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  jsonReporter: { fileName: "reports/mutation/mutation.json" },
  htmlReporter: { fileName: "reports/mutation/mutation.html" },
};
