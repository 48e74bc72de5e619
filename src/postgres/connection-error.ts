import { messageOf, UsageError } from "../domain/errors.ts";
import { hiddenError, hiding, passwordsIn } from "../domain/secrets.ts";
import { codeOf } from "./trouble.ts";

const UNKNOWN_AUTHORITY =
  "the server's certificate is not from a known authority: name its CA in sslrootcert, or use sslmode=require, which checks none";

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
  TLS: "the server wants TLS: add ?sslmode=require to DATABASE_URL",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the server's certificate is for another host name: use that name, or sslmode=verify-ca",
  CERT_HAS_EXPIRED: "the server's certificate has expired: renew it, or use sslmode=require",
  ENOENT: "the file that sslrootcert, sslcert or sslkey names is not there: check DATABASE_URL",
  "57P03": "the server is starting up or shutting down: try again in a moment",
};

/**
 * A connection error as one sentence: the address, the reason, the action. Without the password, and without any of the
 * secrets.
 */
export function connectionError(
  error: unknown,
  { url, secrets = [] }: { readonly url: string; readonly secrets?: readonly string[] | undefined },
): Error {
  if (error instanceof UsageError) return error;
  const code = codeOf(error);
  const hide = hiding([url, ...passwordsIn(url), ...secrets]);
  const hidden = hiddenError(error, hide);
  const options = { cause: hidden };
  const words = hidden.message.trim().replace(/\.$/, "");
  const advice = ADVICE[/no encryption/.test(words) ? "TLS" : code];
  if (advice)
    return new UsageError(
      `Postgres at ${placeOf(url)} cannot be used: ${advice} (${words || code}).`,
      options,
    );
  if (/timeout/i.test(words)) {
    return new UsageError(
      `Postgres at ${placeOf(url)} cannot be used: it did not answer in time: check host and port.`,
      options,
    );
  }
  if (/SSL|TLS|certificate/i.test(words)) {
    return new UsageError(
      `Postgres at ${placeOf(url)} cannot be used: ${words}: check sslmode in DATABASE_URL.`,
      options,
    );
  }
  return error instanceof Error && hidden.message === messageOf(error) ? error : hidden;
}

/** Host, port and database of the URL. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return "DATABASE_URL";
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || "localhost"}:${port || "5432"}${pathname}`;
}
