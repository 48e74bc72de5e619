import { parseMentions } from "../agents/mentions.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import { workersOf } from "../nodes/orchestrator.ts";
import { serversOf } from "../tools/mcp/agent-servers.ts";
import { approvalPlace, approveServers } from "../tools/mcp/approved-servers.ts";
import type { McpServer } from "../tools/mcp/server-config.ts";
import { type OpenedScope, openScope, type ScopeParts } from "./agent-scope.ts";
import type { Folders } from "./folders.ts";
import type { Start } from "./preflight.ts";

/** An MCP server that nobody has approved, and the agent that would start it. */
export interface UnapprovedServer {
  readonly agent: string;
  readonly server: McpServer;
}

/** The unapproved servers of all agents that a run may use: those of its plan, of its mentions, or all. */
export async function unapprovedServers(
  parts: ScopeParts,
  { input, plan, options }: Start,
): Promise<UnapprovedServer[]> {
  const opened = await openScope(parts, options);
  const { agents } = opened.scope;
  const named = plan === undefined ? parseMentions(input, agents.names)?.tasks : tasksIn(plan);
  const used = named?.flatMap(({ agent }) => (typeof agent === "string" ? (agents.find(agent) ?? []) : []));
  return serversOfAgents(used ?? workersOf(opened.scope), opened);
}

/** The unapproved servers of one agent. @throws UsageError when there is no such agent. */
export async function unapprovedServersOf(
  parts: ScopeParts,
  options: Start["options"],
  name: string,
): Promise<UnapprovedServer[]> {
  const opened = await openScope(parts, options);
  return serversOfAgents([opened.scope.agents.get(name)], opened);
}

/** Records that this person approves these servers in this project. */
export function recordApproval(
  { user, project }: Folders,
  servers: readonly UnapprovedServer[],
  by: string,
): Promise<void> {
  return approveServers(
    approvalPlace(user, project),
    servers.map(({ server }) => server),
    by,
  );
}

function serversOfAgents(agents: readonly AgentDefinition[], { toolSources }: OpenedScope) {
  const { projectServers, settings, approved } = toolSources;
  const all = new Map<string, UnapprovedServer>();
  for (const agent of agents) {
    for (const server of serversOf(agent, projectServers, settings.variables, approved).unapproved) {
      const key = JSON.stringify([server.name, server.written]);
      if (!all.has(key)) all.set(key, { agent: agent.name, server });
    }
  }
  return [...all.values()];
}

/** The tasks of a plan that is not checked yet. */
function tasksIn(plan: unknown): readonly { readonly agent?: unknown }[] {
  const tasks: unknown = Array.isArray(plan) ? plan : Object(plan).tasks;
  return Array.isArray(tasks) ? tasks.map((task) => ({ agent: Object(task).agent })) : [];
}
