import type { AgentDefinition } from "../domain/agent.ts";
import { toolName } from "../domain/tool-list.ts";
import { listsAskHuman, namesAskHuman } from "./ask-human.ts";
import { BUILT_IN } from "./builtin/built-in.ts";
import { type ServerUse, serversOf } from "./mcp/agent-servers.ts";
import type { OwnTools } from "./own/own-tools.ts";
import { selectAgentTools as selectTools } from "./select-tools.ts";
import { isServerTool, type ServerToolName, serverToolsOf } from "./server-tools.ts";
import type { Tool } from "./tool.ts";
import type { ToolSources } from "./tool-sources.ts";

/** The tools that an agent's tool list selects. */
export interface ChosenTools {
  readonly builtIn: readonly Tool[];
  readonly servers: readonly ServerUse[];
  /** Modules of own tools, and the selected tools of each. */
  readonly own: readonly { readonly module: OwnTools; readonly names: ReadonlySet<string> }[];
  /** Tools that Anthropic's servers run. */
  readonly serverTools: readonly ServerToolName[];
  /** Entries that match no tool. */
  readonly unknown: readonly string[];
  /** Why selected tools are not available, in sentences. */
  readonly problems: readonly string[];
  /** Tools that are left out, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Looks up the tools that an agent's file lists.
 *
 * @param inherited - the built-in tools of an agent whose file lists none.
 */
export function chooseTools(
  agent: AgentDefinition,
  { settings, projectServers, approved, own: modules }: ToolSources,
  inherited: (tool: Tool) => boolean,
): ChosenTools {
  const builtIn = selectTools(agent, BUILT_IN, inherited);
  const { uses, problems } = serversOf(agent, projectServers, settings.variables, approved);
  const own = modules
    .map((module) => {
      const chosen = selectTools(agent, module.tools, () => true);
      return { module, names: new Set(chosen.map(({ name }) => name)) };
    })
    .filter(({ names }) => names.size > 0);
  const found = new Set([...builtIn.map(({ name }) => name), ...own.flatMap(({ names }) => [...names])]);
  const { serverTools, notes } = serverToolsOf(agent);
  return { builtIn, servers: uses, own, serverTools, unknown: unknownEntries(agent, found), problems, notes };
}

function unknownEntries({ tools }: AgentDefinition, found: ReadonlySet<string>): string[] {
  if (tools === "inherit") return [];
  const names = new Set([...found].map((name) => name.toLowerCase()));
  const isElsewhere = (entry: string) =>
    entry.startsWith("mcp__") || isServerTool(entry) || namesAskHuman(entry);
  return tools.filter((entry) => !isElsewhere(entry) && !names.has(toolName(entry).toLowerCase()));
}

/** Whether any tool was selected. */
export function isEmpty({ builtIn, servers, own, serverTools }: ChosenTools): boolean {
  return [builtIn, servers, own, serverTools].every((tools) => tools.length === 0);
}

/** Why an agent cannot run with the tools that its file lists: a sentence, or undefined when it can. */
export function problemOfTools(agent: AgentDefinition, sources: ToolSources): string | undefined {
  const chosen = chooseTools(agent, sources, () => false);
  if (chosen.problems.length > 0) return chosen.problems.join(" ");
  if (agent.tools === "inherit" || !isEmpty(chosen) || listsAskHuman(agent)) return undefined;
  if (chosen.notes.length > 0) return chosen.notes.join(" ");
  return `None of the tools that ${agent.source.file} lists for agent "${agent.name}" exists (${chosen.unknown.join(", ")}). Name others, or leave "tools" out.`;
}
