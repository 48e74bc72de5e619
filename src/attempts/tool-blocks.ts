import type { TurnResponse } from "../calls/transport.ts";
import { plainJson } from "../domain/json.ts";
import type { NewToolCall } from "../postgres/tool-calls.ts";

/** A result in the form for the model. */
export interface Shown {
  readonly shown: string;
  readonly isError: boolean;
}

/** The calls of a response that must run here. Calls of the API's own tools are blocks of another type. */
export function callsIn({ content }: Pick<TurnResponse, "content">): NewToolCall[] {
  return content
    .filter((block): block is ToolUseBlock => isToolUse(block))
    .map(({ id, name, input }, index) => ({
      position: index + 1,
      toolUseId: id,
      name,
      input: plainJson(input ?? {}),
    }));
}

interface ToolUseBlock {
  readonly id: string;
  readonly name: string;
  readonly input?: unknown;
}

function isToolUse(block: unknown): block is ToolUseBlock {
  if (typeof block !== "object" || block === null || !("type" in block) || block.type !== "tool_use") {
    return false;
  }
  return "id" in block && typeof block.id === "string" && "name" in block && typeof block.name === "string";
}

/** The result block of a call, for the model. */
export function resultBlock({ toolUseId }: NewToolCall, end: Shown | undefined) {
  const { shown, isError } = end ?? { shown: "", isError: false };
  // The API accepts no empty text.
  const content = shown === "" ? "(nothing)" : shown;
  return { type: "tool_result", tool_use_id: toolUseId, content, ...(isError && { is_error: true }) };
}
