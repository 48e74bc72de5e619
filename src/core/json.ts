/** A JSON value. Workflow state, rows and payloads are made of nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
