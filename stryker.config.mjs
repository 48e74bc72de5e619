// Mutation tests: what of a folder could be broken without a test that fails. `npm run mutate` takes `domain`;
// `MUTATE=requests,calls SHARE=0.3 npm run mutate` takes other folders, and of their mutants a random three in ten, the same
// ones each time. The report is in reports/mutation; mutants outside the sample are "compile errors" there.

import { createHash } from "node:crypto";

const folders = (process.env["MUTATE"] ?? "domain").split(",");
const share = Number(process.env["SHARE"] ?? 1);

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: folders.map((folder) => `src/${folder}/**/*.ts`),
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutation.config.ts" },
  coverageAnalysis: "perTest",
  concurrency: 1,
  // A mutant that never ends fails by its test's own limit; a machine that does much else must not count as one.
  timeoutMS: 30_000,
  // Words for people change more often than what they say; schemas and tables are read once, at import.
  mutator: { excludedMutations: ["StringLiteral"] },
  ignoreStatic: true,
  ignorePatterns: [".decurion", "reports", "docs"],
  plugins: ["@stryker-mutator/vitest-runner", import.meta.filename],
  checkers: ["sample"],
  reporters: ["clear-text", "progress-append-only", "json", "html"],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  jsonReporter: { fileName: "reports/mutation/mutation.json" },
  htmlReporter: { fileName: "reports/mutation/mutation.html" },
};

/** Lets a share of the mutants through, chosen by a hash of what they are. */
const sample = {
  init: async () => undefined,
  check: async (mutants) => Object.fromEntries(mutants.map((mutant) => [mutant.id, resultOf(mutant)])),
};

function resultOf({ fileName, location, replacement }) {
  const key = JSON.stringify([fileName.replace(/^.*\/src\//, ""), location, replacement]);
  const place = createHash("sha256").update(key).digest().readUInt32BE() / 2 ** 32;
  return place < share ? { status: "passed" } : { status: "compileError", reason: "not in the sample" };
}

export const strykerPlugins = [{ kind: "Checker", name: "sample", factory: () => sample }];
