import { join, resolve } from "node:path";
import type { Config } from "../domain/config.ts";
import { driverNameFor } from "../domain/driver-names.ts";
import { UsageError } from "../domain/errors.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { PlanScope } from "../nodes/plan.ts";
import { problemOfTools } from "../tools/choose-tools.ts";
import { loadToolSources, type ToolSources } from "../tools/tool-sources.ts";

/** Where a run's agents have their tools from, and the check that each can have what its file asks for. */
export interface ToolScope extends Pick<PlanScope, "checkTools"> {
  readonly toolSources: ToolSources;
}

/**
 * Finds the tools of a run with these options.
 *
 * @throws UsageError when its own tools cannot be used here.
 */
export async function toolScope(
  config: Config,
  projectDir: string,
  options: ThreadOptions,
): Promise<ToolScope> {
  if (options.tools !== undefined && !config.allowCommands) {
    throw new UsageError(`The tools of ${options.tools} are code: set ALLOW_COMMANDS=true to run it here.`);
  }
  const toolSources = await loadToolSources({
    folder: projectDir,
    cacheFolder: join(resolve(projectDir, config.home), "tools"),
    variables: config.mcpVariables,
    connectMs: config.mcpConnectMs,
    callMs: config.toolCallMs,
    memoryMb: config.agentMemoryMb,
    webUses: config.webUses,
    ownTools: options.tools,
  });
  return {
    toolSources,
    checkTools: (agent) => {
      // Claude Code has tools of its own.
      if (driverNameFor(options.executor, agent.settings.executor) !== "messages") return;
      const problem = problemOfTools(agent, toolSources);
      if (problem !== undefined) throw new UsageError(problem);
    },
  };
}
