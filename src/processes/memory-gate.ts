import { ChangeSignal } from "../domain/change-signal.ts";
import { admit } from "./admission.ts";
import { availableMemoryMb } from "./available-memory.ts";
import type { ProcessScope } from "./process-scope.ts";

/** How often free memory is looked at again while somebody waits: others than our agents may have given some back. */
const LOOK_AGAIN_MS = 500;

/**
 * Lets agents start their processes, one agent after another, each when the machine's memory carries it. One for all
 * threads of a process; agents without processes do not pass here.
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
   * Waits until there is room for one more, in the order of arrival. Whoever was let in must leave.
   *
   * @param onWait - told once, in a sentence, when it takes a while.
   * @throws the signal's reason when it aborts.
   */
  async enter(memory: ProcessScope, signal: AbortSignal, onWait: (sentence: string) => void): Promise<void> {
    this.#line.push(memory);
    let isTold = false;
    try {
      for (;;) {
        const seen = this.#changes.version;
        const wait = this.#line[0] === memory ? await this.#whyWait(memory) : undefined;
        signal.throwIfAborted();
        if (this.#running.has(memory)) return;
        if (wait !== undefined && !isTold) {
          isTold = true;
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

  /** Lets it in, or says why not. */
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
    return `waits for memory: an agent with processes may take ${agentMb} MB, and beside ${others} ${Math.max(0, freeMb)} MB are left.`;
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
