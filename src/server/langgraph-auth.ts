import { Auth, HTTPException } from "@langchain/langgraph-sdk/auth";
import { type Policy, refusalOf } from "./guard.ts";

/**
 * The guard for the LangGraph server, which calls it before everything except its preflight answers, `/info` and its files for
 * `/ui`. The app's own guard comes before those.
 */
export function createAuth(policy: () => Promise<Policy>): Auth {
  const auth = new Auth();
  auth.authenticate(async (request) => {
    const refusal = refusalOf(request, await policy());
    if (!refusal) return "owner";
    const { status, error, retryAfterSeconds } = refusal;
    throw new HTTPException(status, {
      message: JSON.stringify({ error }),
      headers: {
        "content-type": "application/json",
        ...(retryAfterSeconds !== undefined && { "retry-after": `${retryAfterSeconds}` }),
      },
    });
  });
  return auth;
}
