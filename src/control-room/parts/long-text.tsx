import { useState } from "react";
import { renderCount } from "../../format/amounts.ts";

/** The characters shown at first: a million lines would freeze the page. */
const SHOWN = 6000;

interface LongTextProps {
  readonly text: string;
  readonly label: string;
  /** Prose for people, not code or JSON. */
  readonly isProse?: boolean;
}

/** Untrusted text as it is: never markup, never a link. A button shows the rest of a long text. */
export function LongText({ text, label, isProse = false }: LongTextProps) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > SHOWN && !isWhole;
  return (
    <div className={isProse ? "long-text prose" : "long-text"}>
      <section aria-label={label}>
        <pre>{isCut ? `${text.slice(0, SHOWN)}…` : text}</pre>
      </section>
      {isCut && (
        <button type="button" className="quiet" onClick={() => setWhole(true)}>
          Show all {renderCount(text.length)} characters
        </button>
      )}
    </div>
  );
}
