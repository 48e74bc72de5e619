import type { z } from "zod";
import { UsageError } from "../../domain/errors.ts";
import type { ToolAskPolicy } from "../../domain/tool-policy.ts";
import { defineTool as define } from "../define-tool.ts";
import type { Tool, ToolEffect } from "../tool.ts";

/** A project's own tool, as its module exports it. */
export interface OwnToolSpec<Input extends z.ZodObject> {
  /** The name for agents: letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** Says to the model what the tool does, and when to use it. */
  readonly description: string;
  /** The schema of the input; `run` gets only valid input. */
  readonly input: Input;
  /** Whether it changes anything. Calls that only read run in parallel and need no approval. */
  readonly effect: ToolEffect;
  /** Whether a human must allow each call; by default when it writes. */
  readonly ask?: ToolAskPolicy;
  /** Returns the result for the model: a text, or any value, sent as JSON. An exception is sent as an error. */
  run(input: z.infer<Input>, context: { readonly signal: AbortSignal }): unknown;
}

/**
 * Makes a tool that agents can use by its name. It runs in a separate process, within the memory limit of the agent's
 * attempt. Its signal aborts when the call takes too long or the attempt is over.
 */
export function defineTool<Input extends z.ZodObject>(spec: OwnToolSpec<Input>): Tool {
  // A schema of zod 3 has `_def` alone.
  if (!("_zod" in spec.input)) {
    throw new UsageError(`The input of tool "${spec.name}" is no schema of zod 4: install zod@4.`);
  }
  return define({ ...spec, run: async (input, { signal }) => textOf(await spec.run(input, { signal })) });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
