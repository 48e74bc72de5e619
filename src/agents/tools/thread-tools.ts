import type { ThreadOptions } from "../../core/thread-options.ts";
import { mustAsk, parseToolAskPolicy } from "../../core/tool-policy.ts";
import type { AgentDefinition } from "../definition.ts";
import type { AgentTools } from "./agent-tools.ts";
import { editTool } from "./builtin/edit.ts";
import { globTool } from "./builtin/glob.ts";
import { listTool } from "./builtin/list.ts";
import { readTool } from "./builtin/read.ts";
import { writeTool } from "./builtin/write.ts";
import { selectAgentTools } from "./select-tools.ts";
import { Workspace } from "./workspace.ts";

const BUILT_IN = [readTool, writeTool, editTool, globTool, listTool];

export interface ThreadToolsOptions {
  readonly options: Pick<ThreadOptions, "workspace" | "ask" | "autoApprove">;
  /** The thread's own workspace, made when an agent first needs it, unless the run has named one. */
  readonly folder: string;
  /** Absolute paths which agents must not see, in whatever workspace. */
  readonly hidden: readonly string[];
}

/** The tools of a thread's agents. */
export class ThreadTools {
  readonly #options: ThreadToolsOptions;
  #workspace: Promise<Workspace> | undefined;

  constructor(options: ThreadToolsOptions) {
    this.#options = options;
  }

  /**
   * What an agent may use, undefined when that is nothing. One whose file lists no tools has those that read, and only
   * when the run has named a workspace: an empty folder would be nothing to read, and each tool costs tokens in every call.
   */
  for(agent: AgentDefinition): AgentTools | undefined {
    const { options } = this.#options;
    const hasWorkspace = options.workspace !== undefined;
    const tools = selectAgentTools(agent, BUILT_IN, ({ effect }) => hasWorkspace && effect === "reads");
    if (tools.length === 0) return undefined;
    const voices = { run: options.ask?.tool, agent: parseToolAskPolicy(agent.frontmatter["ask"]) };
    const isApproved = options.autoApprove?.includes("tool") === true;
    return {
      open: async () => ({ workspace: await this.#openWorkspace(), tools, close: () => Promise.resolve() }),
      mustAsk: ({ effect, ask }) => !isApproved && mustAsk(effect, { ...voices, tool: ask }),
    };
  }

  #openWorkspace(): Promise<Workspace> {
    const { options, folder, hidden } = this.#options;
    this.#workspace ??= Workspace.open(options.workspace ?? folder, hidden);
    return this.#workspace;
  }
}
