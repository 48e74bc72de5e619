import type { AgentDefinition } from "../domain/agent.ts";
import { isDisallowed, toolName } from "../domain/tool-list.ts";

/**
 * Selects an agent's tools from all tools, in their order. An agent whose file lists none has those that `inherited`
 * names.
 */
export function selectAgentTools<Named extends { readonly name: string }>(
  { tools: selection, disallowedTools }: Pick<AgentDefinition, "tools" | "disallowedTools">,
  available: readonly Named[],
  inherited: (tool: Named) => boolean,
): Named[] {
  if (selection === "inherit") {
    return available.filter((tool) => inherited(tool) && !isDisallowed(tool.name, disallowedTools));
  }
  const wanted = new Set(selection.map((entry) => toolName(entry).toLowerCase()));
  return available.filter(({ name }) => wanted.has(name.toLowerCase()));
}
