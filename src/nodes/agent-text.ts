import type { ProgressEvent } from "../domain/event.ts";
import { type AgentBlock, AgentBlocks } from "./agent-blocks.ts";

/**
 * Streams an agent's text as events: its text in pieces, and its blocks. A progress block becomes a progress event. A context
 * request becomes a note: nobody answers a working agent, as its prompt says, so it continues without.
 */
export function agentText(taskId: string, tell: (event: ProgressEvent) => void): (text: string) => void {
  const passOn = inPieces((text) => tell({ type: "text", phase: "agents", taskId, text }));
  const blocks = new AgentBlocks((block) => tell(eventOf(taskId, block)));
  return (text) => {
    passOn(text);
    blocks.add(text);
  };
}

function eventOf(taskId: string, block: AgentBlock): ProgressEvent {
  if (block.kind === "progress") {
    const { status, progress } = block;
    return { type: "progress", phase: "agents", taskId, status, progress };
  }
  const text = `The agent requests context (${block.requestType}). Nobody answers it while it works: it continues without.`;
  return { type: "note", phase: "agents", taskId, text };
}

/** The least time between two text events of a task: each event passes through LangGraph's stream. */
const TEXT_INTERVAL_MS = 100;

/** Buffers text and passes it on at intervals. Drops the rest at the end: the task's outcome follows. */
function inPieces(passOn: (text: string) => void): (text: string) => void {
  let buffer = "";
  let passedAtMs = 0;
  return (text) => {
    buffer += text;
    const nowMs = Date.now();
    if (nowMs - passedAtMs < TEXT_INTERVAL_MS) return;
    passOn(buffer);
    buffer = "";
    passedAtMs = nowMs;
  };
}
