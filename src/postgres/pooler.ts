import type { ClientBase } from "pg";
import type { DatabaseClient } from "./client.ts";

/** Poolers that hand out their connections in turn may give the same one a few times. */
const ROUNDS = 8;

/**
 * Whether a pooler gives one connection several backends, or several connections one. A second connection holds a backend
 * inside a transaction between two statements of the first: in session mode each keeps its own. Leaves nothing behind.
 *
 * @throws when the pooler has no second connection for us.
 */
export async function poolsTransactions(
  client: ClientBase,
  connectAnother: () => Promise<DatabaseClient>,
): Promise<boolean> {
  const first = await backendOf(client);
  const other = await connectAnother();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await other.query("BEGIN");
      // Asked first: with one backend for all, the first connection would wait for this transaction to end.
      if ((await backendOf(other)) === first) return true;
      if ((await backendOf(client)) !== first) return true;
      await other.query("ROLLBACK");
    }
    return false;
  } catch (error) {
    if (isStatementPooling(error)) return true;
    throw error;
  } finally {
    await other.end();
  }
}

async function backendOf(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS "pid"');
  return rows[0]?.pid ?? 0;
}

/** A pooler of single statements refuses transactions. */
function isStatementPooling(error: unknown): boolean {
  return error instanceof Error && /transaction.*not allowed/i.test(error.message);
}
