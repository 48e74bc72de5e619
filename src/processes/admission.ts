/** The memory of this machine, and the part that is promised to agents with processes. */
export interface MemoryState {
  /** Free memory now. */
  readonly availableMb: number;
  /** The limit of one agent. */
  readonly agentMb: number;
  /** What each running agent uses now. */
  readonly usedMb: readonly number[];
  /** Whether an agent had to wait, and memory is still scarce. */
  readonly isPressed: boolean;
}

export interface Admission {
  readonly starts: boolean;
  readonly isPressed: boolean;
  /** What is left when every running agent uses its limit. Negative when that is more than the machine has. */
  readonly freeMb: number;
}

/** Kept free for everything else: this process, the database, the system. */
export const RESERVE_MB = 256;
/** Lanes that work under memory pressure, as in the field report. */
const PRESSED_LANES = 2;

/**
 * Whether one more agent with processes may start. A running agent may still use its whole limit, so its unused part
 * counts as taken. After an agent had to wait, at most two lanes work until there is room for two more agents. The
 * first agent always starts: waiting would free nothing.
 */
export function admit({ availableMb, agentMb, usedMb, isPressed }: MemoryState): Admission {
  const promisedMb = usedMb.reduce((sum, used) => sum + Math.max(0, agentMb - used), 0);
  const freeMb = Math.floor(availableMb - RESERVE_MB - promisedMb);
  const isStillPressed = isPressed && freeMb < 2 * agentMb;
  const lanes = isStillPressed ? PRESSED_LANES : Number.POSITIVE_INFINITY;
  const starts = usedMb.length === 0 || (freeMb >= agentMb && usedMb.length < lanes);
  return { starts, isPressed: !starts || isStillPressed, freeMb };
}
