import type { AgentRequest } from "../../attempts/agent-request.ts";
import { CallError } from "../../calls/call-error.ts";
import { attemptTokens } from "../../postgres/claude-calls/ledger.ts";
import type { Database } from "../../postgres/database.ts";
import type { CodeResult } from "./package.ts";

/**
 * Holds Claude Code's own count of tokens against the ledger's. It counts the whole session, whatever was replayed in it
 * once, so it can never have more than was bought for the attempt, unless it reached a model past us.
 *
 * @throws CallError of kind `refused` when it has: another attempt would do the same.
 */
export async function checkAccounts(
  database: Database,
  { threadId, taskId }: Pick<AgentRequest, "threadId" | "taskId">,
  attempt: number,
  { modelUsage }: CodeResult,
): Promise<void> {
  const counted = Object.values(modelUsage).reduce((sum, usage) => sum + usage.outputTokens, 0);
  const bought = await attemptTokens(database, { threadId, taskId, attempt });
  if (counted <= bought) return;
  throw new CallError(
    `Claude Code used ${counted} output tokens for task "${taskId}", but only ${bought} were bought through Decurion: its settings lead it to another server; run it without CLAUDE_CODE_SETTINGS.`,
    { kind: "refused" },
  );
}
