import type { WaitingFor } from "../postgres/agent-coordination/outcomes.ts";
import type { NewToolCall, ToolTurn } from "../postgres/tool-calls.ts";

/** An attempt waits for a human's decision. This is not a failure: the attempt continues from the journal afterwards. */
export class AwaitsHumanError extends Error {
  override readonly name = "AwaitsHumanError";
  readonly waitingFor: WaitingFor;

  constructor(waitingFor: WaitingFor) {
    super(waitingFor.sentence);
    this.waitingFor = waitingFor;
  }
}

/** The error of an attempt whose calls a human must allow. */
export function askAbout(
  asked: readonly Pick<NewToolCall, "name">[],
  { attempt, turn }: ToolTurn,
): AwaitsHumanError {
  const names = [...new Set(asked.map(({ name }) => name))].join(", ");
  const calls = asked.length === 1 ? "a call" : `${asked.length} calls`;
  const sentence = `A human must allow ${calls} of ${names}.`;
  return new AwaitsHumanError({ kind: "tool", sentence, attempt, turn });
}
