import { expect, it } from "vitest";
import { packageManagerByLockFile, packageManagerByUserAgent } from "../../src/domain/package-manager.ts";

it.each([
  ["package-lock.json", "npm install zod"],
  ["pnpm-lock.yaml", "pnpm add zod"],
  ["yarn.lock", "yarn add zod"],
  ["bun.lock", "bun add zod"],
])("a project with %s installs with: %s", (lockFile, words) => {
  expect(`${packageManagerByLockFile((name) => name === lockFile)?.add} zod`).toBe(words);
});

it("a project without a lock file has none", () => {
  expect(packageManagerByLockFile(() => false)).toBeUndefined();
});

it.each([
  ["npm/10.8.2 node/v20.19.0 linux x64", "npm run graph -- list", "npx decurion list"],
  ["pnpm/9.1.0 npm/? node/v20.19.0", "pnpm run graph list", "pnpm exec decurion list"],
  ["yarn/4.5.0 npm/? node/v20.19.0", "yarn run graph list", "yarn decurion list"],
  ["bun/1.2.0 npm/? node/v22.6.0", "bun run graph list", "bunx decurion list"],
  [undefined, "npm run graph -- list", "npx decurion list"],
])("who started with %s types %s, or %s", (userAgent, script, program) => {
  const manager = packageManagerByUserAgent(userAgent);
  expect([`${manager.script("graph")} list`, `${manager.program} list`]).toEqual([script, program]);
});
