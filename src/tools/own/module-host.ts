import type { Tool, ToolOutput } from "../tool.ts";

/** The tools among a module's exports: single ones, or lists. */
function toolsIn(module: Readonly<Record<string, unknown>>): Tool[] {
  const tools = Object.values(module)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isTool);
  return [...new Set(tools)];
}

function isTool(value: unknown): value is Tool {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && "inputSchema" in value && "run" in value && typeof value.run === "function";
}

/** Describes the module's tools, in the order of their exports' names. */
export function list(module: Readonly<Record<string, unknown>>): Omit<Tool, "run">[] {
  return toolsIn(module).map(({ run: _, ...description }) => description);
}

/** Calls the tool of this name. An exception of the tool is the call's error. */
export async function call(
  module: Readonly<Record<string, unknown>>,
  name: string,
  input: unknown,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const tool = toolsIn(module).find((one) => one.name === name);
  if (!tool) throw new Error(`The module has no tool "${name}" any more.`);
  // A tool of a project gets nothing but the signal: the rest stays in the engine's process.
  return tool.run(input, { signal } as Parameters<Tool["run"]>[1]);
}
