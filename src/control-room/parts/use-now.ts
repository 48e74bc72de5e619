import { useEffect, useState } from "react";

/** The time in ms, ticking every second while `isTicking`, for clocks of what is under way. */
export function useNow(isTicking: boolean, everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [isTicking, everyMs]);
  return now;
}
