import { join, resolve } from "node:path";
import type { Driver } from "../attempts/driver.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { Config } from "../domain/config.ts";
import { driverNameFor } from "../domain/driver-names.ts";
import { resolveModel } from "../domain/model.ts";
import type { PriceTable } from "../domain/price.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { workspaceFolder } from "../tools/workspaces.ts";
import { claudeCodeDriver } from "./claude-code/attempt.ts";
import { findPackage } from "./claude-code/find-package.ts";
import { attemptTask } from "./messages/attempt.ts";

/** The parts that the drivers need. */
interface AttemptSettings {
  readonly config: Config;
  readonly folders: { readonly project: string; readonly package: string };
  readonly prices: PriceTable;
}

/**
 * Chooses the driver for each attempt of a run with these options.
 *
 * @throws UsageError when the run asks for Claude Code and its package is not installed. The returned function throws
 *   the same for an agent whose file asks for it.
 */
export function driversFor(
  { config, folders, prices }: AttemptSettings,
  options: ThreadOptions,
): (agent: AgentDefinition) => Driver {
  const { executor } = options;
  const home = resolve(folders.project, config.home);
  let found: Driver | undefined;
  const claudeCode = () => {
    found ??= claudeCodeDriver({
      packageFile: findPackage(config.agentSdk, [folders.project, folders.package]),
      home,
      options,
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
    driverNameFor(executor, settings.executor) === "claude-code" ? claudeCode() : attemptTask;
}
