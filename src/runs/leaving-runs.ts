/** The runs of this process, for a run that must wait until a stopped one before it has released the thread. */
export class LeavingRuns {
  readonly #runs = new Map<string, { readonly signal: AbortSignal; readonly left: Promise<void> }>();

  /** @returns a function to call after the release. */
  enter(threadId: string, signal: AbortSignal): () => void {
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      leave = () => {
        this.#runs.delete(threadId);
        resolve();
      };
    });
    this.#runs.set(threadId, { signal, left });
    return () => leave();
  }

  /** Resolves when the runs under way have left their threads. */
  async all(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ left }) => left));
  }

  /** Resolves when the thread's stopped run has left it. Undefined while no run of the thread is stopped. */
  stopped(threadId: string): Promise<void> | undefined {
    const run = this.#runs.get(threadId);
    return run?.signal.aborted ? run.left : undefined;
  }
}
