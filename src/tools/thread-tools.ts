import type { AgentDefinition } from "../domain/agent.ts";
import { messageOf, ToolError } from "../domain/errors.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { isDisallowed } from "../domain/tool-list.ts";
import { mustAsk, type ToolAskPolicy } from "../domain/tool-policy.ts";
import { makePrivateFolder } from "../private-folder.ts";
import type { AgentTools, OpenTools, ToolScope } from "./agent-tools.ts";
import { ASK_HUMAN, askHumanTool, listsAskHuman } from "./ask-human.ts";
import { type ChosenTools, chooseTools, isEmpty } from "./choose-tools.ts";
import { openMcpTools } from "./mcp/mcp-tools.ts";
import { openOwnTools } from "./own/own-tools.ts";
import { isHiddenByRule, placeIn, whyForbidden } from "./rules/judge-call.ts";
import type { ToolSources } from "./tool-sources.ts";
import { Workspace } from "./workspace.ts";

export interface ThreadToolsOptions {
  readonly options: Pick<ThreadOptions, "workspace" | "ask" | "autoApprove">;
  /** The thread's own workspace, unless the run names one. Made when an agent first needs it. */
  readonly folder: string;
  /** Absolute paths that agents must not see in any workspace. */
  readonly hidden: readonly string[];
  readonly sources: ToolSources;
}

/** The tools of a thread's agents. */
export class ThreadTools {
  readonly #options: ThreadToolsOptions;
  #workspace: Promise<Workspace> | undefined;

  constructor(options: ThreadToolsOptions) {
    this.#options = options;
  }

  /**
   * An agent's tools; undefined when it has none. An agent whose file lists no tools has those that read, and only when
   * the run names a workspace: an empty folder holds nothing to read, and each tool costs tokens in every call.
   */
  for(agent: AgentDefinition): AgentTools | undefined {
    const { options, sources } = this.#options;
    const hasWorkspace = options.workspace !== undefined;
    const found = chooseTools(agent, sources, ({ effect }) => hasWorkspace && effect === "reads");
    const asks = mayAsk(agent, options.ask?.["question"]);
    const chosen = asks ? { ...found, builtIn: [...found.builtIn, askHumanTool] } : found;
    if (isEmpty(chosen) && chosen.problems.length === 0) return undefined;
    const policies = { run: options.ask?.["tool"], agent: agent.settings.ask };
    const isApproved = options.autoApprove?.includes("tool") === true;
    return {
      open: (scope) => this.#open(agent, chosen, scope),
      mustAsk: ({ name, effect, ask }) =>
        name === ASK_HUMAN || (!isApproved && mustAsk(effect, { ...policies, tool: ask })),
      whyForbidden: (call, { root }) => whyForbidden(agent, call, placeIn(root)),
    };
  }

  async #open(agent: AgentDefinition, chosen: ChosenTools, scope: ToolScope): Promise<OpenTools> {
    const { builtIn, servers, own, serverTools, unknown, problems, notes } = chosen;
    // The check before the run is not enough: the file may have changed since.
    if (problems.length > 0) throw new ToolError(problems.join(" "));
    if (unknown.length > 0)
      scope.tell(`${agent.name} works without ${unknown.join(", ")}: no such tool exists here.`);
    for (const note of notes) scope.tell(note);
    const shared = await this.#openWorkspace();
    const place = placeIn(shared.root);
    const workspace = shared.without((path) => isHiddenByRule(agent, path, place));
    const { settings } = this.#options.sources;
    const running = { ...scope, ...settings };
    if (servers.some(({ server }) => server.kind === "stdio")) await scope.memory.admitted();
    const ofServers = await openMcpTools(servers, { ...running, workspace: workspace.root });
    for (const note of ofServers.notes) scope.tell(note);
    const modules = own.map(({ module, names }) => openOwnTools(module, names, running));
    const others = [...modules.flatMap(({ tools }) => tools), ...ofServers.tools];
    const allowed = others.filter(({ name }) => !isDisallowed(name, agent.disallowedTools));
    return {
      workspace,
      tools: [...builtIn, ...allowed],
      serverTools: serverTools.map((name) => ({ name, maxUses: settings.webUses })),
      close: async () => {
        for (const module of modules) module.close();
        await ofServers.close();
      },
    };
  }

  #openWorkspace(): Promise<Workspace> {
    this.#workspace ??= this.#makeWorkspace();
    return this.#workspace;
  }

  async #makeWorkspace(): Promise<Workspace> {
    const { options, folder, hidden } = this.#options;
    if (options.workspace !== undefined) return Workspace.open(options.workspace, hidden);
    await makePrivateFolder(folder).catch((error: unknown) => {
      throw new ToolError(`The workspace ${folder} cannot be made: ${messageOf(error)}.`);
    });
    return Workspace.open(folder, hidden, false);
  }
}

/** The run decides whether agents may ask a human; by default the agent's file does. */
function mayAsk(agent: AgentDefinition, byRun: ToolAskPolicy | undefined): boolean {
  if (byRun === "never" || isDisallowed(ASK_HUMAN, agent.disallowedTools)) return false;
  return byRun === "always" || listsAskHuman(agent);
}
