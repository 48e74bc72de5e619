import { ChangeSignal } from "../domain/change-signal.ts";
import { admit } from "./admission.ts";
import { availableMemoryMb } from "./available-memory.ts";
import type { ProcessScope } from "./process-scope.ts";

/** The interval between two looks at free memory while an agent waits: other programs may have freed some. */
const LOOK_AGAIN_MS = 500;

/**
 * Lets an agent start processes only when enough memory is free, one agent after another. All threads of a process share
 * one gate. Agents without processes do not use it.
 */
export class MemoryGate {
  readonly #availableMb: () => Promise<number>;
  readonly #running = new Set<ProcessScope>();
  readonly #line: ProcessScope[] = [];
  readonly #changes = new ChangeSignal();
  #isPressed = false;

  constructor(availableMb: () => Promise<number> = availableMemoryMb) {
    this.#availableMb = availableMb;
  }

  /**
   * Waits in the order of arrival until there is room for one more. Every `enter` that succeeds needs a `leave`.
   *
   * @param onWait - called once, with a sentence that says why, when there is a wait.
   * @throws the signal's reason when it aborts.
   */
  async enter(memory: ProcessScope, signal: AbortSignal, onWait: (sentence: string) => void): Promise<void> {
    this.#line.push(memory);
    let isAnnounced = false;
    try {
      for (;;) {
        const seen = this.#changes.version;
        const wait = this.#line[0] === memory ? await this.#whyWait(memory) : undefined;
        signal.throwIfAborted();
        if (this.#running.has(memory)) return;
        if (wait !== undefined && !isAnnounced) {
          isAnnounced = true;
          onWait(wait);
        }
        await this.#change(seen, signal);
      }
    } catch (error) {
      this.leave(memory);
      throw error;
    } finally {
      this.#line.splice(this.#line.indexOf(memory), 1);
      this.#changes.announce();
    }
  }

  leave(memory: ProcessScope): void {
    if (this.#running.delete(memory)) this.#changes.announce();
  }

  /** Admits the agent, or says why not. */
  async #whyWait(memory: ProcessScope): Promise<string | undefined> {
    const availableMb = await this.#availableMb();
    const usedMb = [...this.#running].map((one) => one.usedMb);
    const { limitMb: agentMb } = memory;
    const { starts, isPressed, freeMb } = admit({ availableMb, agentMb, usedMb, isPressed: this.#isPressed });
    this.#isPressed = isPressed;
    if (starts) {
      this.#running.add(memory);
      return undefined;
    }
    const others = usedMb.length === 1 ? "one other agent" : `${usedMb.length} other agents`;
    return `waits for memory: an agent with processes may use ${agentMb} MB, and ${others} leave ${Math.max(0, freeMb)} MB.`;
  }

  async #change(seen: number, signal: AbortSignal): Promise<void> {
    const timer = setTimeout(() => this.#changes.announce(), LOOK_AGAIN_MS);
    try {
      await this.#changes.after(seen, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
