import { useState } from "react";
import { renderCount } from "../../format/amounts.ts";

/** Characters that are drawn before somebody asks for all: a page of a million lines would freeze. */
const SHOWN = 6000;

interface LongTextProps {
  readonly text: string;
  readonly label: string;
  /** Written for people rather than for machines. */
  readonly isProse?: boolean;
}

/** Text that somebody else wrote, as it is: never markup, never a link. Long text opens on demand. */
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
