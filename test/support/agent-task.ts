import { randomUUID } from "node:crypto";
import { parseAgentFile } from "../../src/agents/parse.ts";
import type { AgentContext, AgentRequest } from "../../src/attempts/agent-request.ts";
import { ladderFrom } from "../../src/domain/ladder.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";
import type { Database } from "../../src/postgres/database.ts";
import { UNCONFINED } from "../../src/processes/confinement.ts";
import { MemoryGate } from "../../src/processes/memory-gate.ts";
import type { Scenario } from "../../src/simulator/scenario.ts";
import { simulatedClaude } from "./claude.ts";

const parsed = parseAgentFile("---\nname: coder\ndescription: writes\n---\nWrite it.\n", "/a/coder.md");
if (parsed.kind !== "agent") throw new Error("The agent file is wrong.");
const { agent } = parsed;

/** A model by its alias. */
export const modelOf = (alias: string) => resolveModel(alias, DEFAULT_ALIASES, parsePrices());

/** A task, and what its thread has to run it with. */
export async function agentTask(database: Database, scenario: Partial<Scenario> = {}) {
  const { claude, threadId } = await simulatedClaude(database, scenario, { maxTokens: 4000 });
  const request: AgentRequest = {
    threadId,
    executionId: randomUUID(),
    taskId: "t",
    agent,
    prompt: "Say what a shard is. It is a part.",
    tools: undefined,
    dependencies: [],
    failed: [],
    attemptsBefore: 0,
    advice: null,
    taskBudgetUsd: undefined,
    hasHistory: false,
    validate: null,
    validator: undefined,
    ladder: ladderFrom(modelOf("sonnet"), []),
  };
  const context: AgentContext = {
    claude,
    signal: new AbortController().signal,
    agentMemoryMb: 800,
    allowCommands: false,
    confinement: UNCONFINED,
    memoryGate: new MemoryGate(),
  };
  const calls = async () => {
    const { rows } = await database.pool.query<{ status: string }>(
      "SELECT status FROM claude_calls WHERE thread_id = $1 ORDER BY id",
      [threadId],
    );
    return rows.map(({ status }) => status);
  };
  return { request, context, calls, database };
}
