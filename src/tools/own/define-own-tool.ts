import type { z } from "zod";
import type { ToolAskPolicy } from "../../domain/tool-policy.ts";
import { defineTool as define } from "../define-tool.ts";
import type { Tool, ToolEffect } from "../tool.ts";

/** A tool of one's own, as a module of a project exports it. */
export interface OwnToolSpec<Input extends z.ZodObject> {
  /** As agents name it: letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** Tells the model what it does, and when to use it. */
  readonly description: string;
  /** What the model is to give; `run` gets only what fits. */
  readonly input: Input;
  /** Whether it changes anything: calls that only read run side by side, and nobody is asked about them. */
  readonly effect: ToolEffect;
  /** Whether a human is asked before it runs; by default when it writes. */
  readonly ask?: ToolAskPolicy;
  /** Returns what the model is told: a text, or any value, which is told as JSON. What it throws is told as an error. */
  run(input: z.infer<Input>, context: { readonly signal: AbortSignal }): unknown;
}

/**
 * Makes a tool that agents can use by its name. It runs in a process of its own, within the memory of the agent's
 * attempt, and is given a signal that aborts when the call takes too long or the attempt is over.
 */
export function defineTool<Input extends z.ZodObject>(spec: OwnToolSpec<Input>): Tool {
  return define({ ...spec, run: async (input, { signal }) => textOf(await spec.run(input, { signal })) });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
