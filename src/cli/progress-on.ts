import type { Cli } from "./cli.ts";
import { createProgressView, type ProgressView } from "./view/progress-view.ts";

/** The view of a run in progress, for the person at this command line. */
export function progressOn({ err, color }: Cli, budgetUsd: number): ProgressView {
  const isTerminal = err.isTTY === true;
  // The live list moves the cursor, and sends its lines through the gate itself.
  return createProgressView({ stream: isTerminal ? err.ungated : err, isTerminal, color, budgetUsd });
}
