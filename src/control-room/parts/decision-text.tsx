import type { ReactNode } from "react";
import { textForDecision } from "../../format/decision-text.ts";
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

/** Untrusted text that a person decides about: hidden characters are shown by their number, and no box scrolls. */
export function DecisionText({ text, label, isProse, isDiff, isWhole }: DecisionTextProps) {
  const isCut = !isWhole && text.length > SHOWN;
  const head = isCut ? headOf(text, SHOWN) : text;
  return (
    <div className={`long-text decision-text ${isProse ? "prose" : ""}`}>
      <section aria-label={label}>
        <pre>
          {isDiff ? diffLines(head) : textForDecision(head).text}
          {isCut && "…"}
        </pre>
      </section>
    </div>
  );
}

const CLASSES: Readonly<Record<string, string>> = {
  "+": "diff-added",
  "-": "diff-removed",
  "@": "diff-place",
};

function diffLines(diff: string): ReactNode {
  // The lines never change, so a line's place is its key.
  return diff.split("\n").map((line, place) => (
    <span key={`${place} ${line}`} className={CLASSES[line[0] ?? ""]}>
      {`${textForDecision(line).text}\n`}
    </span>
  ));
}
