import type { AgentRequest } from "../../attempts/agent-request.ts";
import { CallError } from "../../calls/call-error.ts";
import { attemptTokens } from "../../postgres/claude-calls/ledger.ts";
import type { Database } from "../../postgres/database.ts";
import type { CodeResult } from "./package.ts";

/**
 * Compares Claude Code's own count of tokens with the ledger. It counts the whole session, with replayed calls once, so it
 * can exceed the attempt's bought tokens only when Claude Code reached a model without us.
 *
 * @throws CallError of kind `refused` when it does: another attempt would do the same.
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
    `Claude Code used ${counted} output tokens for task "${taskId}", but only ${bought} were bought through Decurion. Its settings lead to another server: run it without CLAUDE_CODE_SETTINGS.`,
    { kind: "refused" },
  );
}
