/** Money spent: `$0.0123`, `$123.40`. A small sum is never shown as zero. */
export function renderUsd(usd: number): string {
  if (usd > 0 && usd < 0.00005) return "<$0.0001";
  return `$${usd.toFixed(usd < 100 ? 4 : 2)}`;
}

/** A sum that a person set: `$0.30`, `$0.005`, `$2.00`. */
export function renderBudget(usd: number): string {
  return `$${usd.toFixed(4).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** `340 ms`, `1.2 s`, `2 min 5 s`, `3 h 7 min`. */
export function renderDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A running clock: a duration, but never in ms, which would flicker. */
export function renderClock(ms: number): string {
  return ms < 1000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : renderDuration(ms);
}

/** `10,000`. */
export function renderCount(count: number): string {
  return Math.round(count)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 task`, `2 tasks`. */
export function renderPlural(count: number, noun: string): string {
  return `${renderCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const AGES = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** How long ago an ISO 8601 instant was: `just now`, `5 min ago`, `3 h ago`, `2 d ago`, later its date. */
export function renderAge(instant: string, nowMs: number): string {
  const agoMs = nowMs - Date.parse(instant);
  if (Number.isNaN(agoMs)) return "at an unknown time";
  if (agoMs >= 7 * 86_400_000) return instant.slice(0, 10);
  const age = AGES.find(({ ms }) => agoMs >= ms);
  return age ? `${Math.floor(agoMs / age.ms)} ${age.unit} ago` : "just now";
}

/** How long it is until an ISO 8601 instant: `in 12 min 5 s`, `now`. */
export function renderTimeLeft(instant: string, nowMs: number): string {
  const leftMs = Date.parse(instant) - nowMs;
  return leftMs < 1000 ? "now" : `in ${renderDuration(leftMs)}`;
}

/** The cost of a plan, as a person sees it before the run. */
export function renderEstimate(usd: number): string {
  return `up to ${renderUsd(usd)} if every task succeeds on its first attempt with at most 3,000 words`;
}
