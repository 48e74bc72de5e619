/** Memory of this machine, and what agents with processes have been promised of it. */
export interface MemoryState {
  /** What could be had now. */
  readonly availableMb: number;
  /** What one agent may take. */
  readonly agentMb: number;
  /** What each of those that run takes of that already. */
  readonly usedMb: readonly number[];
  /** Whether one had to wait, and memory has not become plenty since. */
  readonly isPressed: boolean;
}

export interface Admission {
  readonly starts: boolean;
  readonly isPressed: boolean;
  /** What is left when all that run have taken all that they may; less than nothing when it would not be there. */
  readonly freeMb: number;
}

/** What is left to everything else: this process, the database, the system. */
export const RESERVE_MB = 256;
/** Lanes at work under memory pressure, as in the field report. */
const PRESSED_LANES = 2;

/**
 * Whether one more agent with processes may start. Each one that runs may yet take all that it is promised, so that nobody
 * is let in on memory which another one will want. After one had to wait, two lanes at most are at work until there is
 * room for two more. The first one always starts: waiting would not make room.
 */
export function admit({ availableMb, agentMb, usedMb, isPressed }: MemoryState): Admission {
  const promisedMb = usedMb.reduce((sum, used) => sum + Math.max(0, agentMb - used), 0);
  const freeMb = Math.floor(availableMb - RESERVE_MB - promisedMb);
  const isStillPressed = isPressed && freeMb < 2 * agentMb;
  const lanes = isStillPressed ? PRESSED_LANES : Number.POSITIVE_INFINITY;
  const starts = usedMb.length === 0 || (freeMb >= agentMb && usedMb.length < lanes);
  return { starts, isPressed: !starts || isStillPressed, freeMb };
}
