import { type AgentDefinition, isOfPlugin } from "../../domain/agent.ts";
import type { Json } from "../../domain/json.ts";
import { isDisallowed } from "../../domain/tool-list.ts";
import { clip, printable } from "../../format/text.ts";
import type { ApprovedServers } from "./approved-servers.ts";
import type { Variables } from "./expand-variables.ts";
import type { ProjectServers } from "./project-servers.ts";
import { type BrokenServer, type McpServer, parseServer } from "./server-config.ts";
import { isAboutServer, serverPrefix } from "./tool-names.ts";

/** A server that an agent uses, and the entries of its tool list that select the server's tools. */
export interface ServerUse {
  readonly server: McpServer;
  /** Empty for all tools. */
  readonly entries: readonly string[];
}

export interface AgentServers {
  readonly uses: readonly ServerUse[];
  /** Those of them that nobody has approved. */
  readonly unapproved: readonly McpServer[];
  /** Why servers that it names are not usable, in sentences. */
  readonly problems: readonly string[];
}

const NONE: AgentServers = { uses: [], unapproved: [], problems: [] };

/**
 * The MCP servers that an agent uses: its own `mcpServers`, and the project's servers that its tool list names. Nothing
 * else starts for it, and nothing that no person has approved: an agent that inherits all tools has only those of its own servers. A plugin's agent starts no
 * server from its own file, as in Claude Code: to install a plugin is not to agree to its commands.
 */
export function serversOf(
  agent: AgentDefinition,
  project: ProjectServers,
  variables: Variables,
  approved: ApprovedServers,
): AgentServers {
  // A server without any tool for the agent does not start.
  const isDenied = (name: string) => isDisallowed(`${serverPrefix(name)}__`, agent.disallowedTools);
  const written = isOfPlugin(agent.source) ? [] : ownServers(agent, project, variables);
  const own = written.filter(({ name }) => !isDenied(name));
  const entries = agent.tools === "inherit" ? [] : agent.tools.filter((entry) => entry.startsWith("mcp__"));
  const isOwn = (name: string) => own.some((server) => server.name === name);
  const named = [...project.servers.values()].filter(
    ({ name }) => !isOwn(name) && !isDenied(name) && entries.some((entry) => isAboutServer(entry, name)),
  );
  const all = [...own, ...named];
  const lost = entries.filter((entry) => !all.some(({ name }) => isAboutServer(entry, name)));
  if (all.length === 0 && lost.length === 0) return NONE;
  const uses = all.flatMap((server) => {
    if (server.kind === "broken") return [];
    return [{ server, entries: entries.filter((entry) => isAboutServer(entry, server.name)) }];
  });
  const unapproved = uses.map(({ server }) => server).filter(({ written }) => !approved.has(written));
  return {
    uses,
    unapproved,
    problems: [
      ...all.flatMap((server) => (server.kind === "broken" ? [server.problem] : [])),
      ...unapproved.map((server) => nobodyApproved(agent, server)),
      ...(lost.length > 0 ? [project.problem ?? noServerFor(agent, lost, project)] : []),
    ],
  };
}

function nobodyApproved({ name: agent }: AgentDefinition, { name, file }: McpServer): string {
  const shown = clip(printable(name), 100);
  return `Nobody has approved the MCP server "${shown}" of ${file}. See what it runs and approve it: agents trust ${agent}.`;
}

function noServerFor(
  { name, source }: AgentDefinition,
  entries: readonly string[],
  { file }: ProjectServers,
) {
  return `Agent "${name}" names ${entries.join(", ")}, but neither ${source.file} nor ${file} configures that MCP server.`;
}

/** The servers of the frontmatter: a list of names and of mappings from name to server, or one mapping. */
function ownServers(
  { name: agent, frontmatter, source }: AgentDefinition,
  project: ProjectServers,
  variables: Variables,
): (McpServer | BrokenServer)[] {
  const value = frontmatter["mcpServers"] ?? [];
  const items: readonly Json[] = Array.isArray(value)
    ? value
    : typeof value === "string"
      ? value.split(",")
      : [value];
  const { file } = source;
  const named = (name: string): McpServer | BrokenServer => {
    const problem =
      project.problem ??
      `Agent "${agent}" in ${file} uses the MCP server "${name}", which ${project.file} does not have.`;
    return project.servers.get(name) ?? { kind: "broken", name, file, problem };
  };
  return items.flatMap((item) => {
    if (typeof item === "string") return item.trim() === "" ? [] : [named(item.trim())];
    if (typeof item !== "object" || item === null || Array.isArray(item)) {
      const problem = `Agent "${agent}" in ${file} has "mcpServers" that are neither names nor servers.`;
      return [{ kind: "broken", name: "", file, problem } as const];
    }
    return Object.entries(item).map(([name, server]) =>
      server === null ? named(name) : parseServer(name, server, file, variables),
    );
  });
}
