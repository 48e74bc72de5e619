import { join, resolve } from "node:path";
import { attemptTask } from "../claude/attempt.ts";
import type { AttemptDriver } from "../claude/attempt-driver.ts";
import { claudeCodeDriver } from "../claude/claude-code/attempt.ts";
import { findPackage } from "../claude/claude-code/find-package.ts";
import type { Config } from "../core/config.ts";
import { executorFor } from "../core/executors.ts";
import { resolveModel } from "../core/models.ts";
import type { PriceTable } from "../core/prices.ts";
import type { ThreadOptions } from "../core/thread-options.ts";
import type { PlanScope } from "../nodes/plan.ts";
import { workspaceFolder } from "./workspaces.ts";

/** What the drivers are made of. */
interface AttemptSettings {
  readonly config: Config;
  readonly folders: { readonly project: string; readonly package: string };
  readonly prices: PriceTable;
}

/**
 * Who makes the attempts in a run with these options.
 *
 * @throws UsageError when the run asks for Claude Code and its package is not installed; the function that is
 *   returned throws the same for an agent whose file asks for it.
 */
export function attemptDrivers(
  { config, folders, prices }: AttemptSettings,
  options: ThreadOptions,
): PlanScope["driverFor"] {
  const { executor } = options;
  const home = resolve(folders.project, config.home);
  let found: AttemptDriver | undefined;
  const claudeCode = () => {
    found ??= claudeCodeDriver({
      packageFile: findPackage(config.agentSdk, [folders.project, folders.package]),
      ...{ home, options },
      workspaceOf: (threadId) => workspaceFolder(home, threadId),
      hidden: options.workspace === undefined ? [] : [join(home, "**"), join(folders.project, ".env")],
      modelNamed: (name) => resolveModel(name, config.aliases, prices),
      haiku: resolveModel("haiku", config.aliases, prices).id,
      settingSources: config.claudeCodeSettings,
    });
    return found;
  };
  if (executor === "claude-code") claudeCode();
  return ({ settings }) =>
    executorFor(executor, settings.executor) === "claude-code" ? claudeCode() : attemptTask;
}
