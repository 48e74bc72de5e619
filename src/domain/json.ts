/** A JSON value. Workflow state, rows and payloads are made of nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A value as it is stored and sent: what JSON cannot hold is left out. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
