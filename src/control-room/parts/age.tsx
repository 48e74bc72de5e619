import { renderAge } from "../../format/amounts.ts";
import { useNow } from "./use-now.ts";

/** The age of an instant. Hovering shows the exact time. */
export function Age({ instant }: { instant: string }) {
  const now = useNow(true, 30_000);
  return (
    <time dateTime={instant} title={new Date(instant).toLocaleString()} className="number">
      {renderAge(instant, now)}
    </time>
  );
}
