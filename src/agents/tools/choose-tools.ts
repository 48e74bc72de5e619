import type { AgentDefinition } from "../definition.ts";
import { type ServerUse, serversOf } from "../mcp/agent-servers.ts";
import { toolName } from "../tool-list.ts";
import { editTool } from "./builtin/edit.ts";
import { globTool } from "./builtin/glob.ts";
import { listTool } from "./builtin/list.ts";
import { readTool } from "./builtin/read.ts";
import { writeTool } from "./builtin/write.ts";
import { selectAgentTools } from "./select-tools.ts";
import type { Tool } from "./tool.ts";
import type { ToolSources } from "./tool-sources.ts";

const BUILT_IN = [readTool, writeTool, editTool, globTool, listTool];

/** What an agent's tool list comes to. */
export interface ChosenTools {
  readonly builtIn: readonly Tool[];
  readonly servers: readonly ServerUse[];
  /** Entries that name no tool which there is here. */
  readonly unknown: readonly string[];
  /** Why tools that it names cannot be had, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Looks up what an agent's file asks for.
 *
 * @param inherited - which of the built-in tools an agent has whose file lists none.
 */
export function chooseTools(
  agent: AgentDefinition,
  { mcp, projectServers }: ToolSources,
  inherited: (tool: Tool) => boolean,
): ChosenTools {
  const builtIn = selectAgentTools(agent, BUILT_IN, inherited);
  const { uses, problems } = serversOf(agent, projectServers, mcp.variables);
  const names = new Set(builtIn.map(({ name }) => name.toLowerCase()));
  const unknown =
    agent.tools === "inherit"
      ? []
      : agent.tools.filter(
          (entry) => !entry.startsWith("mcp__") && !names.has(toolName(entry).toLowerCase()),
        );
  return { builtIn, servers: uses, unknown, problems };
}

/** Whether an agent with these has any tool at all. */
export function isEmpty({ builtIn, servers }: ChosenTools): boolean {
  return builtIn.length + servers.length === 0;
}

/** Why an agent cannot be run with the tools that its file asks for: a sentence, or undefined when it can. */
export function problemOfTools(agent: AgentDefinition, sources: ToolSources): string | undefined {
  const chosen = chooseTools(agent, sources, () => false);
  if (chosen.problems.length > 0) return chosen.problems.join(" ");
  if (agent.tools === "inherit" || !isEmpty(chosen)) return undefined;
  return `Agent "${agent.name}" can have none of the tools that ${agent.source.file} lists (${chosen.unknown.join(", ")}): name others, or leave "tools" out.`;
}
