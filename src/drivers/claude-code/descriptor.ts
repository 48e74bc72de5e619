import { join } from "node:path";
import type { DriverDescriptor } from "../../attempts/driver.ts";
import { resolveModel } from "../../domain/model.ts";
import { workspaceFolder } from "../../tools/workspaces.ts";
import { claudeCodeDriver } from "./attempt.ts";
import { checkUp } from "./check-up.ts";
import { findPackage } from "./find-package.ts";
import { sessionsFolder } from "./session.ts";

/** Claude Code, one process an attempt, through the optional package of the Claude Agent SDK. */
export const claudeCode: DriverDescriptor = {
  name: "claude-code",
  label: "Claude Code",
  honours: ["executor", "ask", "maxTurns", "color", "permissionMode", "effort"],
  usesOurTools: false,
  open: ({ config, folders, prices, home, options }) =>
    claudeCodeDriver({
      packageFile: findPackage(config.agentSdk, [folders.project, folders.package]),
      home,
      options,
      workspaceOf: (threadId) => workspaceFolder(home, threadId),
      hidden: options.workspace === undefined ? [] : [join(home, "**"), join(folders.project, ".env")],
      modelNamed: (name) => resolveModel(name, config.aliases, prices),
      haiku: resolveModel("haiku", config.aliases, prices).id,
      settingSources: config.claudeCodeSettings,
    }),
  foldersOf: (home, threadId) => [sessionsFolder(home, threadId)],
  checkUp,
};
