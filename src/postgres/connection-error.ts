import { messageOf, UsageError } from "../domain/errors.ts";

/** Advice for SQLSTATE and system codes that the user can correct. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers at that address: is the server running, and is the port right?",
  ENOTFOUND: "the host name is not known: check DATABASE_URL",
  EAI_AGAIN: "the host name could not be looked up: check DATABASE_URL and the network",
  ETIMEDOUT: "the server did not answer in time: check host and port in DATABASE_URL",
  ECONNRESET: "the server closed the connection: does it want TLS (add ?sslmode=require)?",
  EHOSTUNREACH: "the host cannot be reached: check DATABASE_URL and the network",
  "28P01": "the password is wrong: check DATABASE_URL",
  "28000": "the server does not let this user in: check user and pg_hba.conf",
  "3D000": "the database does not exist: create it, or check the name in DATABASE_URL",
  "42501":
    "the user lacks rights: grant it CREATE on the database, or create the schema and grant it USAGE and CREATE there",
  "53300": "the server has no connections left: raise max_connections or stop other clients",
  "57P03": "the server is starting up or shutting down: try again in a moment",
};

/** A connection error as one sentence: the address, the reason, the action. Without the password. */
export function connectionError(error: unknown, { url }: { readonly url: string }): Error {
  if (error instanceof UsageError) return error;
  const code = codeOf(error);
  const advice = code === undefined ? undefined : ADVICE[code];
  const words = withoutSecrets(messageOf(error), url);
  if (advice)
    return new UsageError(`Postgres at ${placeOf(url)} cannot be used: ${advice} (${words || code}).`);
  if (/timeout/i.test(words)) {
    return new UsageError(
      `Postgres at ${placeOf(url)} cannot be used: it did not answer in time: check host and port.`,
    );
  }
  if (/SSL|TLS|certificate/i.test(words)) {
    return new UsageError(
      `Postgres at ${placeOf(url)} cannot be used: ${words}: check sslmode in DATABASE_URL.`,
    );
  }
  return error instanceof Error ? error : new Error(words);
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Host, port and database of the URL. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return "DATABASE_URL";
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || "localhost"}:${port || "5432"}${pathname}`;
}

function withoutSecrets(words: string, url: string): string {
  const password = URL.canParse(url) ? new URL(url).password : "";
  const secrets = [url, password, decodeURIComponent(password)].filter((secret) => secret !== "");
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, "***"), words)
    .trim()
    .replace(/\.$/, "");
}
