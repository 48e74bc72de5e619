/** `before` a process's partner takes note of something, or `after` it. */
export type Moment = "before" | "after";

/** The points at which a process can be killed: all that passes between it and its partners and stays, in its order. */
export interface CrashPoints {
  /** The points since `arm`. */
  readonly passed: readonly string[];
  /** Counts from zero again, and calls `crash` at the n-th point. */
  arm(nth: number, moment: Moment, crash: () => void): void;
  disarm(): void;
  /** Keeps a point. @returns the moment to act at, when it is the one. */
  reach(name: string): Moment | undefined;
  /** Kills the process. */
  crash(): void;
}

export function createCrashPoints(): CrashPoints {
  let passed: string[] = [];
  let target: { readonly nth: number; readonly moment: Moment; readonly crash: () => void } | undefined;
  return {
    get passed() {
      return passed;
    },
    arm: (nth, moment, crash) => {
      passed = [];
      target = { nth, moment, crash };
    },
    disarm: () => {
      passed = [];
      target = undefined;
    },
    reach: (name) => (passed.push(name) === target?.nth ? target.moment : undefined),
    crash: () => target?.crash(),
  };
}
