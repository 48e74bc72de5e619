import type { WaitingFor } from "../postgres/outcomes.ts";

/** An attempt cannot go on before a human has decided. It is no failure: the attempt goes on from the journal then. */
export class AwaitsHumanError extends Error {
  override readonly name = "AwaitsHumanError";
  readonly waitingFor: WaitingFor;

  constructor(waitingFor: WaitingFor) {
    super(waitingFor.sentence);
    this.waitingFor = waitingFor;
  }
}
