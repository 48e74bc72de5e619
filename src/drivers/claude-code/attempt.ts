import { taskTurn } from "../../attempts/agent-prompt.ts";
import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import type { AttemptEnd, Driver } from "../../attempts/driver.ts";
import { failed, judgeAnswer } from "../../attempts/judge-answer.ts";
import { purposeOf } from "../../attempts/turn-purpose.ts";
import { validateResult } from "../../attempts/validate.ts";
import { stoppedError } from "../../calls/call-error.ts";
import { openConversation } from "../../calls/opening.ts";
import { runAsAgent } from "../../calls/single-level.ts";
import { isCutOff } from "../../calls/stop-reason.ts";
import { AGENT_RESULT_JSON_SCHEMA } from "../../domain/agent-result.ts";
import { NestedSpawnError } from "../../domain/errors.ts";
import type { Model } from "../../domain/model.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import { clip } from "../../format/text.ts";
import { makePrivateFolder } from "../../private-folder.ts";
import { guardFolder } from "../../tools/newcomers.ts";
import { Workspace } from "../../tools/workspace.ts";
import { checkAccounts } from "./check-accounts.ts";
import { CodeTurns, RefusalError } from "./code-turns.ts";
import { PACKAGE, TESTED_VERSION } from "./find-package.ts";
import { openModelProxy } from "./model-proxy.ts";
import type { CodeResult } from "./package.ts";
import { CodeCrashError, runSession } from "./run-session.ts";
import { openSession } from "./session.ts";
import { ToolPermissions } from "./tool-permissions.ts";

/** The common parts of all Claude Code attempts in one run. */
export interface ClaudeCodeSettings {
  /** The package's main file. */
  readonly packageFile: string;
  /** The folder for sessions. */
  readonly home: string;
  /** A thread's own folder. */
  readonly workspaceOf: (threadId: string) => string;
  /** The model for a full name, for Claude Code's additional calls. @throws UsageError for a model without a price. */
  readonly modelNamed: (name: string) => Model;
  /** The small model for those calls. */
  readonly haiku: string;
  /** The run's options about tools. */
  readonly options: Pick<ThreadOptions, "workspace" | "ask" | "autoApprove">;
  /** Absolute patterns for paths that agents must not see in the run's workspace. */
  readonly hidden: readonly string[];
  /** The settings that it reads in addition to its defaults: none, unless a person asks for them. */
  readonly settingSources: readonly string[];
}

/** The most characters of Claude Code's own failure message in the next attempt's prompt. */
const DIGEST_CHARACTERS = 300;

/**
 * The driver for Claude Code: one process for each attempt, which works on the task with its own tools and its own loop.
 * It reaches the model only through us (see model-proxy.ts), so that the budget is a ceiling and nothing is paid twice.
 * It starts no agents (see tools.ts and run-session.ts), which is checked after each run. Its processes end with the
 * attempt. An interrupted attempt continues its session where it stopped.
 */
export function claudeCodeDriver(settings: ClaudeCodeSettings): Driver {
  return async (request, context, wanted, attempt) => {
    // Refuses it before a process starts, not only at its first call.
    await runAsAgent(request.agent.name, context.claude.insideAgent, async () => undefined);
    await context.memory.admitted();
    const session = await openSession(settings.home, request, attempt);
    const { root: workspace, tidy } = await openWorkspace(settings, request, context);
    const permissions = new ToolPermissions(request, context, settings.options, attempt, workspace);
    const stop = new AbortController();
    const { hasHistory } = request;
    const start = purposeOf(request, context, { agent: request.agent.name, model: wanted, attempt, turn: 1 });
    const given = taskTurn(request, [], AGENT_RESULT_JSON_SCHEMA);
    const opened = await openConversation(context.claude, given, { ...start, mayReplay: hasHistory });
    const { content, model } = opened;
    context.onOpen(model);
    const turns = await CodeTurns.open(settings, request, context, { opened, attempt, session });
    const proxy = await openModelProxy({
      sessionId: session.id,
      buy: async (turn) => permissions.served(await turns.buy(turn)),
      onFatal: (error) => stop.abort(error),
    });
    try {
      const conversation = { ...settings, session, workspace, proxy, stop, model, permissions };
      const result = await runSession(request, context, content, conversation);
      await checkAccounts(context.claude.database, request, attempt, result);
      if (result.terminal_reason === "tool_deferred" && permissions.asked) throw permissions.asked;
      const end = judge(result);
      if (!end.isDone) return end;
      const problem = await validateResult(request, context, end.result, attempt, turns.last + 1);
      return problem === undefined ? end : failed("validation", problem, end.result);
    } catch (error) {
      return endOf(error, context, stop.signal);
    } finally {
      await tidy();
      await proxy.close();
    }
  };
}

/** The run's workspace, or the thread's own one; our own tools work in the same folder. `tidy` puts aside what runs later. */
async function openWorkspace(
  { options, workspaceOf }: ClaudeCodeSettings,
  { threadId }: AgentRequest,
  { onNote }: AttemptContext,
) {
  if (options.workspace === undefined) {
    const folder = workspaceOf(threadId);
    await makePrivateFolder(folder);
    return { root: (await Workspace.open(folder, [], false)).root, tidy: async () => undefined };
  }
  const { root } = await Workspace.open(options.workspace);
  let end: (() => void) | undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  const guarding = guardFolder(root, () => work);
  const tidy = async () => {
    end?.();
    const { aside } = await guarding;
    if (aside !== undefined) onNote?.(aside);
  };
  return { root, tidy };
}

/** The error of a failed attempt: the reason that ended it, if there is one, instead of Claude Code's reaction to that. */
function endOf(error: unknown, { memory, signal }: AttemptContext, stop: AbortSignal): AttemptEnd {
  memory.exceeded.throwIfAborted();
  if (signal.aborted) throw stoppedError();
  if (stop.reason instanceof RefusalError) return judgeAnswer({ ...stop.reason.response, isCut: false });
  stop.throwIfAborted();
  if (!(error instanceof CodeCrashError)) throw error;
  return failed("tool", clip(error.message, DIGEST_CHARACTERS), null);
}

/** The last check against agents that it started. A version that does not count them is not trusted either. */
function assertSpawnedNone({ subagent_stats: stats }: CodeResult): void {
  if (stats?.spawned === 0) return;
  throw new NestedSpawnError(
    stats
      ? `The agent started ${stats.spawned} agents in Claude Code: agents never start agents.`
      : `This version of Claude Code does not say whether its agent started others. Install ${PACKAGE}@${TESTED_VERSION}.`,
  );
}

/** The outcome of Claude Code's own report about a conversation. */
function judge(result: CodeResult): AttemptEnd {
  const { subtype, structured_output, stop_reason, errors, terminal_reason } = result;
  assertSpawnedNone(result);
  const text = structured_output === undefined ? result.result : JSON.stringify(structured_output);
  if (subtype === "success") {
    const stopReason = stop_reason ?? "end_turn";
    return judgeAnswer({ stopReason, text, isCut: isCutOff(stopReason) });
  }
  const why = errors.at(-1) ?? terminal_reason ?? subtype;
  const digest = `Claude Code ended without a result (${subtype}): ${clip(why, DIGEST_CHARACTERS)}.`;
  return failed("invalid-output", digest, null);
}
