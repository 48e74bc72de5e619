import { Auth, HTTPException } from "@langchain/langgraph-sdk/auth";
import { type Policy, refusalOf } from "./guard.ts";

/**
 * The same check for the LangGraph server, which asks it before anything else but its preflight answers, its `/info` and
 * its files for `/ui`. Those come by the app's own check, which stands before them.
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
