import type { CallReservation } from "../../src/postgres/claude-calls/ledger.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import type { Database } from "../../src/postgres/database.ts";

/** Reserves a call of a thread that exists: the first turn of task `a`, or what is given. @returns its id. */
export async function reservedCall(
  database: Database,
  threadId: string,
  given: Partial<CallReservation> = {},
): Promise<string> {
  const reservation = await reserveCall(database, {
    threadId,
    phase: "agents",
    executionId: "e",
    taskId: "a",
    agent: "c",
    attempt: 1,
    turn: 1,
    requestHash: "h",
    model: "m",
    reservedUsd: 0.1,
    ...given,
  });
  if ("id" in reservation) return reservation.id;
  throw new Error("The call does not fit under the thread's budget.");
}
