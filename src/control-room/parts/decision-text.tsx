import { diffForDecision, textForDecision } from "../../format/decision-text.ts";
import { headOf } from "../../format/text.ts";

/** The characters of one text in a request that is not shown whole yet: a million lines would freeze the page. */
const SHOWN = 2000;

interface DecisionTextProps {
  readonly text: string;
  readonly label: string;
  /** Prose for people, not code or JSON. */
  readonly isProse?: boolean;
  /** A unified diff: its lines get colours. */
  readonly isDiff?: boolean;
  readonly isWhole: boolean;
}

/**
 * Untrusted text that a person decides about: hidden characters are shown by their number, and no box scrolls. Only a line's
 * first row begins at the edge, so that no wrapped row looks like a line.
 */
export function DecisionText({ text, label, isProse, isDiff, isWhole }: DecisionTextProps) {
  const isCut = !isWhole && text.length > SHOWN;
  const head = isCut ? headOf(text, SHOWN) : text;
  const shown = isDiff ? diffForDecision(head) : textForDecision(head).text;
  return (
    <div className={`long-text decision-text ${isProse ? "prose" : ""}`}>
      <section aria-label={label}>
        <pre>
          {linesOf(isCut ? `${shown}…` : shown).map((line, place) => (
            // The lines never change, so a line's place is its key.
            <span key={`${place} ${line}`} className={isDiff ? DIFF_CLASSES[line[0] ?? ""] : undefined}>
              {line}
            </span>
          ))}
        </pre>
      </section>
    </div>
  );
}

const DIFF_CLASSES: Readonly<Record<string, string>> = {
  "+": "diff-added",
  "-": "diff-removed",
  "@": "diff-place",
};

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}
