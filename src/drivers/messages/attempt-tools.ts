import { isShortened } from "../../attempts/agent-prompt.ts";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import { readResultTool } from "../../attempts/read-result.ts";
import type { ToolLoop } from "../../attempts/tool-loop.ts";
import { stoppedError } from "../../calls/call-error.ts";
import { serverToolDefinition } from "../../calls/server-tools.ts";
import { runAsAgent } from "../../calls/single-level.ts";
import type { ToolDefinition } from "../../calls/transport.ts";
import { toolProblem } from "../../domain/tool-definition.ts";
import type { AgentTools } from "../../tools/agent-tools.ts";
import type { Tool } from "../../tools/tool.ts";

/** The tools of one attempt, in the API's format, and everything that their calls need. */
export interface AttemptTools {
  readonly definitions: readonly ToolDefinition[];
  readonly loop: ToolLoop;
  close(): Promise<void>;
}

/** @throws ToolError when a tool that the agent needs is not available. */
export async function openTools(request: AgentRequest, context: AttemptContext): Promise<AttemptTools> {
  return request.tools ? openAgentTools(request, request.tools, context) : noTools(request, context);
}

/** An agent without tools can read what was left out of its prompt. */
function noTools(request: AgentRequest, context: AttemptContext): AttemptTools {
  const { database } = context.claude;
  const reading = readResultTool(database, request);
  const tools = isShortened(request.dependencies) ? [reading] : [];
  const { hasHistory: mayReplay } = request;
  const { signal, onTool } = context;
  const run = (_: Tool, input: unknown) => reading.read(input);
  return {
    definitions: tools.map(definitionOf),
    loop: {
      database,
      tools,
      run,
      mayReplay,
      signal,
      mustAsk: () => false,
      whyForbidden: () => undefined,
      isSandboxed: context.confinement.sandbox !== undefined,
      ...(onTool && { onTool }),
    },
    close: () => Promise.resolve(),
  };
}

async function openAgentTools(
  request: AgentRequest,
  agentTools: AgentTools,
  context: AttemptContext,
): Promise<AttemptTools> {
  const { threadId, taskId, hasHistory } = request;
  const { claude, signal, memory, onTool, onNote } = context;
  const agent = `${threadId}/${taskId}`;
  const tell = (note: string) => onNote?.(note);
  const open = await agentTools.open({ agent, memory, signal, tell }).catch((error: unknown) => {
    throw signal.aborted ? stoppedError() : error;
  });
  const { workspace } = open;
  const mayBeLong = open.tools.length > 0 || isShortened(request.dependencies);
  const own: Tool[] = mayBeLong ? [readResultTool(claude.database, request)] : [];
  const tools = acceptedTools([...open.tools, ...own], tell);
  const run = (tool: Tool, input: unknown) =>
    runAsAgent(request.agent.name, claude.insideAgent, async () => {
      const output = await tool.run(input, { signal, agent, workspace, memory, tell });
      memory.exceeded.throwIfAborted(); // Its processes were killed then, and the output does not say why.
      return output;
    });
  return {
    definitions: [
      ...tools.map(definitionOf),
      ...open.serverTools.map(({ name, maxUses }) => serverToolDefinition(name, maxUses)),
    ],
    loop: {
      database: claude.database,
      tools,
      run,
      mayReplay: hasHistory,
      signal,
      isSandboxed: context.confinement.sandbox !== undefined,
      mustAsk: (tool) => !own.includes(tool) && agentTools.mustAsk(tool),
      whyForbidden: (call) => agentTools.whyForbidden(call, workspace),
      ...(onTool && { onTool }),
    },
    close: () => open.close(),
  };
}

/** The tools that the API accepts: one that it refuses would take all others with it. */
function acceptedTools(tools: readonly Tool[], tell: (note: string) => void): Tool[] {
  const names = new Set<string>();
  return tools.filter((tool) => {
    const { name, inputSchema } = tool;
    const problem = names.has(name)
      ? "another tool has this name"
      : toolProblem({ name, input_schema: inputSchema });
    names.add(name);
    if (problem) tell(`Tool "${name}" is left out, because Claude's API refuses it: ${problem}.`);
    return problem === undefined;
  });
}

function definitionOf({ name, description, inputSchema }: Tool): ToolDefinition {
  return { name, description, input_schema: inputSchema };
}
