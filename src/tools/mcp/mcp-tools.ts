import { clip, printable } from "../../format/text.ts";
import type { Tool } from "../tool.ts";
import type { ServerUse } from "./agent-servers.ts";
import type { ServerScope } from "./connect.ts";
import { RunningServer, type ServerTool } from "./running-server.ts";
import { isEntryFor, mcpToolName } from "./tool-names.ts";

/** Tools of running servers, which must be closed. */
export interface OpenedTools {
  readonly tools: readonly Tool[];
  /** Notes for people, in sentences: tools that are left out. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Every turn sends the descriptions to the model. */
const DESCRIPTION_CHARACTERS = 2048;
const SCHEMA_CHARACTERS = 50_000;

/**
 * Starts the servers that an agent uses, for one attempt, and lists the tools that it may call.
 *
 * @throws ToolError that names the failed server and the reason; no server is left running then. The signal's reason;
 * MemoryExceededError.
 */
export async function openMcpTools(uses: readonly ServerUse[], scope: ServerScope): Promise<OpenedTools> {
  const failed = new AbortController();
  const signal = AbortSignal.any([scope.signal, failed.signal]);
  const servers = uses.map(({ server }) => new RunningServer(server, { ...scope, signal }));
  const close = async () => {
    await Promise.allSettled(servers.map((server) => server.close()));
  };
  try {
    const found = await Promise.all(
      servers.map(async (server, index) => toolsOf(server, await server.tools(), uses[index]?.entries ?? [])),
    );
    return { tools: found.flatMap(({ tools }) => tools), notes: found.flatMap(({ notes }) => notes), close };
  } catch (error) {
    failed.abort(error); // Does not wait for the others.
    await close();
    throw error;
  }
}

function toolsOf(server: RunningServer, listed: readonly ServerTool[], entries: readonly string[]) {
  const { name: serverName } = server.server;
  const tools = new Map<string, Tool>();
  const notes: string[] = [];
  for (const tool of listed) {
    const name = mcpToolName(serverName, tool.name);
    const problem = problemOf(tool, name);
    if (!isWanted(entries, serverName, name ?? "")) continue;
    if (problem !== undefined || name === undefined) {
      notes.push(
        `Tool "${clip(printable(tool.name), 100)}" of MCP server "${serverName}" is left out: ${problem}.`,
      );
    } else if (!tools.has(name)) {
      tools.set(name, toolFrom(server, tool, name));
    }
  }
  const missing = entries.filter(
    (entry) => ![...tools.keys()].some((name) => isEntryFor(entry, serverName, name)),
  );
  if (missing.length > 0) notes.push(`MCP server "${serverName}" has no tool ${missing.join(", ")}.`);
  return { tools: [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), notes };
}

function isWanted(entries: readonly string[], server: string, name: string): boolean {
  return entries.length === 0 || entries.some((entry) => isEntryFor(entry, server, name));
}

function problemOf({ inputSchema }: ServerTool, name: string | undefined): string | undefined {
  if (name === undefined) return "its name is empty or too long";
  if (JSON.stringify(inputSchema).length > SCHEMA_CHARACTERS) return "the schema of its input is too long";
  return undefined;
}

function toolFrom(
  server: RunningServer,
  { name: ownName, description, inputSchema, annotations }: ServerTool,
  name: string,
): Tool {
  // The Messages API accepts none of these at the top level; the server checks its input itself.
  const { oneOf: _, anyOf: __, allOf: ___, ...schema } = inputSchema;
  return {
    name,
    description: clip(printable(description ?? ""), DESCRIPTION_CHARACTERS),
    inputSchema: { ...schema, type: "object" },
    effect: annotations?.readOnlyHint === true ? "reads" : "writes",
    run: (input, { signal }) => server.call(ownName, input, signal),
  };
}
