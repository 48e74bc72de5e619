import { problemOfTools } from "../agents/tools/choose-tools.ts";
import { loadToolSources, type ToolSources } from "../agents/tools/tool-sources.ts";
import type { Config } from "../core/config.ts";
import { UsageError } from "../core/errors.ts";
import type { PlanScope } from "../nodes/plan.ts";

/** Where a run's agents have their tools from, and the check that each can have what its file asks for. */
export interface ToolScope extends Pick<PlanScope, "checkTools"> {
  readonly toolSources: ToolSources;
}

export async function toolScope(config: Config, projectDir: string): Promise<ToolScope> {
  const { mcpVariables: variables, mcpConnectMs: connectMs, mcpCallMs: callMs } = config;
  const toolSources = await loadToolSources({ folder: projectDir, variables, connectMs, callMs });
  return {
    toolSources,
    checkTools: (agent) => {
      const problem = problemOfTools(agent, toolSources);
      if (problem !== undefined) throw new UsageError(problem);
    },
  };
}
