import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { PACKAGE, TESTED_VERSION } from "../../src/drivers/claude-code/find-package.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder in which Claude Code's package is installed. */
    agentSdk: string;
  }
}

/** Installs Claude Code for the tests in a cache of this checkout, once; CLAUDE_AGENT_SDK names another folder that has it. */
export default function setup(project: TestProject): void {
  const folder =
    process.env["CLAUDE_AGENT_SDK"] ?? join(process.cwd(), "node_modules", ".cache", "claude-agent-sdk");
  if (installedVersion(folder) !== TESTED_VERSION) install(folder);
  project.provide("agentSdk", folder);
}

function installedVersion(folder: string): string | undefined {
  const file = join(folder, "node_modules", PACKAGE, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

function install(folder: string): void {
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`Installing ${PACKAGE} ${TESTED_VERSION} in ${folder}: 430 MB.\n`);
  const words = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder];
  execFileSync("npm", [...words, `${PACKAGE}@${TESTED_VERSION}`], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}
