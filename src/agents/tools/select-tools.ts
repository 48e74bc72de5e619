import type { AgentDefinition } from "../definition.ts";
import { isDisallowed, toolName } from "../tool-list.ts";
import type { Tool } from "./tool.ts";

/**
 * The tools of an agent among those that there are, in their order. An agent that lists none in its file has those that
 * `inherited` names.
 */
export function selectAgentTools(
  { tools: selection, disallowedTools }: Pick<AgentDefinition, "tools" | "disallowedTools">,
  available: readonly Tool[],
  inherited: (tool: Tool) => boolean,
): Tool[] {
  if (selection === "inherit") {
    return available.filter((tool) => inherited(tool) && !isDisallowed(tool.name, disallowedTools));
  }
  const wanted = new Set(selection.map((entry) => toolName(entry).toLowerCase()));
  return available.filter(({ name }) => wanted.has(name.toLowerCase()));
}
