import { record, text } from "./payload.ts";

/** The tool call that a `tool` request is about: its name, and the arguments that an edit may change. */
export function toolPayload(payload: unknown): { readonly name: string; readonly args: unknown } {
  const { tool, args } = record(payload);
  return { name: text(tool), args: args ?? {} };
}
