/** A JSON value, as in workflow state, rows and payloads. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A copy as JSON, without what JSON cannot hold. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
