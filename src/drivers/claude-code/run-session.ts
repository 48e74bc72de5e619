import { dirname } from "node:path";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import { CallError } from "../../calls/call-error.ts";
import type { TurnContent } from "../../calls/turn.ts";
import { AGENT_RESULT_JSON_SCHEMA } from "../../domain/agent-result.ts";
import { messageOf } from "../../domain/errors.ts";
import type { Model } from "../../domain/model.ts";
import { hiddenError, hiding } from "../../domain/secrets.ts";
import { tailOf } from "../../format/text.ts";
import { codeEnvironment, type Launch, type LaunchPlaces, launchClaudeCode } from "./launch.ts";
import type { ModelProxy } from "./model-proxy.ts";
import { type CodeResult, loadPackage, resultSchema, resultsIn } from "./package.ts";
import type { CodeSession } from "./session.ts";
import type { HookedCall, ToolPermissions } from "./tool-permissions.ts";
import { disallowedTools, toolsOf } from "./tools.ts";

/** The settings of a conversation with Claude Code. */
export interface Conversation {
  readonly packageFile: string;
  readonly settingSources: readonly string[];
  readonly haiku: string;
  readonly model: Model;
  readonly session: CodeSession;
  readonly workspace: string;
  /** Absolute patterns for paths that the agent must not see. */
  readonly hidden: readonly string[];
  readonly permissions: ToolPermissions;
  readonly proxy: ModelProxy;
  /** Aborted with the error that ends the attempt from inside. */
  readonly stop: AbortController;
}

/** The most rounds of tools in one attempt, unless its agent's file says otherwise. */
const MAX_TURNS = 50;
/** Modes that allow tool calls without approval. A file cannot choose them, because files may come from strangers. */
const BYPASSING = ["bypassPermissions", "auto"];
/** The mode that allows changes to files of the workspace only. We decide about all other calls. */
const INSIDE_WORKSPACE = "acceptEdits";
/** Characters of the program's standard error that are kept for the error message. */
const LAST_WORDS = 500;

/** Claude Code ended before it reported about its task. */
export class CodeCrashError extends Error {
  override readonly name = "CodeCrashError";
}

/**
 * Lets Claude Code work on a task until it reports the end.
 *
 * @throws CallError when it broke a rule; CodeCrashError when it ended without a report, also when we stopped it.
 */
export async function runSession(
  request: AgentRequest,
  context: AttemptContext,
  content: TurnContent,
  conversation: Conversation,
): Promise<CodeResult> {
  const { query } = await loadPackage(conversation.packageFile);
  const ended = new AbortController();
  const { memory } = context;
  const signal = AbortSignal.any([context.signal, conversation.stop.signal, memory.exceeded]);
  let lastWords = "";
  const messages = query({
    // A continued session gets no new message. Its input stays open until it answers.
    prompt: conversation.session.isKnown ? nothingUntil(ended.signal) : content.prompt,
    options: {
      ...optionsFor(request, content, conversation),
      spawnClaudeCodeProcess: (launch: Launch) => {
        const environment = environmentOf(context, conversation);
        const child = launchClaudeCode(launch, environment, placesOf(conversation), { memory, signal });
        conversation.proxy.serves(child);
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          lastWords = tailOf(`${lastWords}${text}`, LAST_WORDS);
        });
        return child;
      },
    },
  });
  let cause: unknown;
  try {
    for await (const message of messages) {
      const result = resultSchema.safeParse(message);
      if (result.success) return result.data;
      for (const end of resultsIn(message)) await conversation.permissions.ended(end);
    }
  } catch (error) {
    cause = error;
  } finally {
    ended.abort();
    messages.close();
  }
  if (cause instanceof CallError) throw cause;
  const hide = hiding([conversation.proxy.key]);
  const why = hide(lastWords.trim() || messageOf(cause ?? "it gave no reason"));
  throw new CodeCrashError(`Claude Code ended without an answer: ${why}`, {
    cause: hiddenError(cause, hide),
  });
}

function optionsFor(
  { agent }: AgentRequest,
  { system }: TurnContent,
  { model, session, workspace, hidden, settingSources, permissions }: Conversation,
): Record<string, unknown> {
  const { permissionMode = INSIDE_WORKSPACE, maxTurns = MAX_TURNS, effort } = agent.settings;
  return {
    model: model.id,
    systemPrompt: system,
    cwd: workspace,
    settingSources,
    ...(session.isKnown ? { resume: session.id } : { sessionId: session.id }),
    ...(effort && { effort }),
    maxTurns,
    outputFormat: { type: "json_schema", schema: AGENT_RESULT_JSON_SCHEMA },
    permissionMode: BYPASSING.includes(permissionMode) ? INSIDE_WORKSPACE : permissionMode,
    permissionPrompts: "none",
    tools: toolsOf(agent),
    disallowedTools: disallowedTools(agent),
    strictMcpConfig: true,
    // Otherwise a continued session would run the deferred call before it knows our hook.
    extraArgs: { "await-initialize": null },
    skills: [],
    // The prompt is text, never a command of Claude Code or a file to read.
    verbatimPrompts: true,
    settings: {
      includeCoAuthoredBy: false,
      permissions: { deny: hidden.flatMap((path) => [`Read(/${path})`, `Edit(/${path})`]) },
    },
    hooks: { PreToolUse: [{ hooks: [(call: HookedCall) => permissions.before(call)] }] },
  };
}

function placesOf({ workspace, session, settingSources, packageFile, proxy }: Conversation): LaunchPlaces {
  // The program is in a package beside this one, for each platform.
  const packageFolder = dirname(dirname(packageFile));
  const configFolder = settingSources.includes("user") ? undefined : session.configFolder;
  return { workspace, configFolder, packageFolder, proxy };
}

function environmentOf(
  { claude }: AttemptContext,
  { proxy, session, model, haiku, settingSources }: Conversation,
): Record<string, string> {
  return codeEnvironment({
    url: proxy.url,
    key: proxy.key,
    haiku,
    // The user's settings are useful only together with their folder.
    configFolder: settingSources.includes("user") ? undefined : session.configFolder,
    maxTokens: claude.maxTokens && Math.min(claude.maxTokens, model.price.maxOutput),
  });
}

/** An input without a message. It ends with the signal. */
async function* nothingUntil(signal: AbortSignal): AsyncGenerator<never> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}
