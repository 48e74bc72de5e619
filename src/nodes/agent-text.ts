import type { ProgressEvent } from "../domain/event.ts";
import { type AgentBlock, AgentBlocks } from "./agent-blocks.ts";

/**
 * Tells what a task's agent writes while it writes it: its text in pieces, and what its blocks mean. Progress becomes
 * an event. A request for context becomes a note: nobody answers an agent while it works, as its prompt says, so it goes
 * on with what it was given.
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
  const text = `It asks for context (${block.requestType}), which nobody gives while it works: it goes on without.`;
  return { type: "note", phase: "agents", taskId, text };
}

/** How often a task's streaming text is told at most: each piece passes through LangGraph's stream. */
const TEXT_INTERVAL_MS = 100;

/** Gathers text and passes it on in pieces. The last one may be left out: the task's end says more. */
function inPieces(tell: (text: string) => void): (text: string) => void {
  let gathered = "";
  let toldAtMs = 0;
  return (text) => {
    gathered += text;
    const nowMs = Date.now();
    if (nowMs - toldAtMs < TEXT_INTERVAL_MS) return;
    tell(gathered);
    gathered = "";
    toldAtMs = nowMs;
  };
}
