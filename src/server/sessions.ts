import { createHmac, randomBytes } from "node:crypto";
import { isSameSecret } from "./token.ts";

/** How long a login lasts. */
export const SESSION_SECONDS = 7 * 24 * 3600;

/** The logins of browsers. A session is a random id with an end, signed with a key that each start of the server makes. */
export interface Sessions {
  open(): string;
  isOpen(session: string): boolean;
}

/** @param key - a session of another key is not open. */
export function createSessions(key: string, now: () => number = Date.now): Sessions {
  const sign = (claim: string) => createHmac("sha256", key).update(claim).digest("base64url");
  return {
    open: () => {
      const claim = `${now() + SESSION_SECONDS * 1000}.${randomBytes(16).toString("base64url")}`;
      return `${claim}.${sign(claim)}`;
    },
    isOpen: (session) => {
      const [end = "", id = "", signature = "", ...more] = session.split(".");
      if (more.length > 0 || !isSameSecret(signature, sign(`${end}.${id}`))) return false;
      return Number(end) > now();
    },
  };
}

/** The cookie of a server. A browser sends a cookie to all ports of a name, so that each port needs a name of its own. */
export function cookieName(host: string): string {
  return `decurion_${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}
