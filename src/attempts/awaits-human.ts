import type { WaitingFor } from "../postgres/agent-coordination/outcomes.ts";
import type { NewToolCall, ToolTurn } from "../postgres/tool-calls.ts";

/** An attempt cannot go on before a human has decided. It is no failure: the attempt goes on from the journal then. */
export class AwaitsHumanError extends Error {
  override readonly name = "AwaitsHumanError";
  readonly waitingFor: WaitingFor;

  constructor(waitingFor: WaitingFor) {
    super(waitingFor.sentence);
    this.waitingFor = waitingFor;
  }
}

/** What an attempt throws whose calls a human must allow. */
export function askAbout(
  asked: readonly Pick<NewToolCall, "name">[],
  { attempt, turn }: ToolTurn,
): AwaitsHumanError {
  const names = [...new Set(asked.map(({ name }) => name))].join(", ");
  const calls = asked.length === 1 ? "a call" : `${asked.length} calls`;
  const sentence = `A human must allow ${calls} of ${names}.`;
  return new AwaitsHumanError({ kind: "tool", sentence, attempt, turn });
}
