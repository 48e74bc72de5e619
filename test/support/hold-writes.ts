import { onTestFinished } from "vitest";
import type { Database } from "../../src/postgres/database.ts";

/** Writes to the ledger that wait. */
export interface HeldWrites {
  /** How many statements wait by now. */
  waiting(): Promise<number>;
  /** Cuts the connections of those that wait. */
  cutConnections(): Promise<unknown>;
  letGo(): Promise<void>;
}

/**
 * Lets each statement that writes such a row of the ledger wait, whichever process sends it: until `letGo`, or the end of
 * the test.
 *
 * @param writes - the event of a trigger: `INSERT`, or `UPDATE` with a condition.
 */
export async function holdWrites(
  database: Database,
  writes: "INSERT" | "UPDATE",
  condition = "true",
): Promise<HeldWrites> {
  const client = await database.connect();
  onTestFinished(() => client.end());
  const key = `hashtextextended(current_schema() || ' ${writes}', 0)`;
  await client.query(`SELECT pg_advisory_lock(${key})`);
  await client.query(
    `CREATE OR REPLACE FUNCTION hold_${writes}() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${key}); RETURN NEW; END $$`,
  );
  await client.query(
    `CREATE OR REPLACE TRIGGER hold_${writes} BEFORE ${writes} ON claude_calls
       FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION hold_${writes}()`,
  );
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const waiting = `FROM pg_stat_activity WHERE ${rows[0]?.pid} = ANY(pg_blocking_pids(pid))`;
  return {
    waiting: async () => (await client.query(`SELECT pid ${waiting}`)).rows.length,
    cutConnections: () => client.query(`SELECT pg_terminate_backend(pid) ${waiting}`),
    letGo: () => client.end(),
  };
}
