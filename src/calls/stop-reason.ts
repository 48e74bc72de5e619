import type { StopReason } from "./transport.ts";

/** Whether an answer ended because it had no more room: in itself, or in the model's window. */
export function isCutOff(stopReason: StopReason): boolean {
  return stopReason === "max_tokens" || isWindowFull(stopReason);
}

/** Whether an answer ended because the model's window is full. */
export function isWindowFull(stopReason: StopReason): boolean {
  return stopReason === "model_context_window_exceeded";
}
