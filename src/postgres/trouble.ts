import { UsageError } from "../domain/errors.ts";

/** A state of the server that says nothing about the statement which met it: the statement can be made again. */
interface Trouble {
  readonly codes: RegExp;
  /** What is wrong, and who or what ends it. */
  readonly sentence: string;
}

/** By SQLSTATE, or by the code of the system for a connection. */
const TROUBLES: readonly Trouble[] = [
  {
    codes: /^53300$/,
    sentence: "Postgres has no connections left. Stop other clients, or raise max_connections.",
  },
  {
    codes: /^25006$/,
    sentence: "Postgres is read-only. Wait for the failover to end, or let this user write again.",
  },
  { codes: /^53100$/, sentence: "The disk of Postgres is full. Make room there." },
  { codes: /^(53200|53400)$/, sentence: "Postgres is short of memory. Stop other clients, or give it more." },
  {
    codes: /^(57014|55P03|25P0[34])$/,
    sentence: "A time limit of Postgres ended a statement. Look for what holds a lock, or raise the limit.",
  },
  { codes: /^(40001|40P01)$/, sentence: "Postgres refuses a statement beside others. Wait for them to end." },
  {
    codes: /^(28|3D000)/,
    sentence:
      "Postgres does not let this user in any more. Check the password, pg_hba.conf and the database.",
  },
  {
    codes: /^(08|57P0|E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_AGAIN))/,
    sentence: "Postgres cannot be reached. Start it again, or wait until it answers.",
  },
];

/** Codes of a refusal: the statement did nothing. After any other trouble it may have been done. */
const REFUSALS =
  /^(53|25|28|3D|55P03|57014|57P03|40|08001|08004|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/;

/** The driver names some lost connections, and every time limit of its own, by words alone. */
const WORDS = /connection|timeout|client was closed/i;
const UNREACHABLE = "08006";

/** The sentence about the state of the server that an error tells of; undefined when it is about the statement. */
export function troubleOf(given: unknown): string | undefined {
  const error = originOf(given);
  const code = codeOf(error);
  const isWords = code === "" && error instanceof Error && WORDS.test(error.message);
  return TROUBLES.find(({ codes }) => codes.test(isWords ? UNREACHABLE : code))?.sentence;
}

/** Whether the connection was lost under a statement: nobody knows whether it was done. */
export function isLost(error: unknown): boolean {
  return troubleOf(error) !== undefined && !REFUSALS.test(codeOf(error));
}

/** Whether the server has no room for another connection. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === "53300";
}

/** The SQLSTATE of an error, or the system's code; empty where there is none. */
export function codeOf(given: unknown): string {
  const error = originOf(given);
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** What a sentence for people was made from, and the first of several errors. */
function originOf(error: unknown): unknown {
  if (error instanceof AggregateError) return originOf(error.errors[0]);
  return error instanceof UsageError ? originOf(error.cause) : error;
}

/** Errors of our own connections: a node may throw an error that only looks like one. */
const ours = new WeakSet<object>();

/** Marks an error as one of our own database's, and throws it on. */
export function throwOurs(error: unknown): never {
  if (typeof error === "object" && error !== null) ours.add(error);
  throw error;
}

/** Whether our own database refused or lost a statement: that says nothing about the node which waited for it. */
export function isOurs(error: unknown): boolean {
  return typeof error === "object" && error !== null && ours.has(error);
}

/** Whether our own database is in trouble: the thread cannot be recorded now, and can be resumed later. */
export function isOurTrouble(error: unknown): boolean {
  return isOurs(error) && troubleOf(error) !== undefined;
}
