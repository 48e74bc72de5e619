/** The shortest repetition that is taken for one: shorter ones occur in texts by themselves. */
const LEAST_OVERLAP = 20;
const MOST_OVERLAP = 4000;

/** A piece that begins with so many characters of the text's own beginning begins it again. */
const RESTART_CHARACTERS = 100;

const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n]*$/;

/**
 * Joins a piece to the text that it goes on with. Leaves out what the piece repeats of the end of the text, if that is the
 * same to the character and long enough, and the opening of a code block that is still open. A piece that is the answer from its beginning replaces the text.
 */
export function stitch(before: string, next: string): string {
  if (next.length >= RESTART_CHARACTERS && before.startsWith(next.slice(0, RESTART_CHARACTERS))) return next;
  const piece = withoutSecondOpening(before, next);
  return `${before}${piece.slice(overlapOf(before, piece))}`;
}

function overlapOf(before: string, piece: string): number {
  const most = Math.min(before.length, piece.length, MOST_OVERLAP);
  for (let length = most; length >= LEAST_OVERLAP; length--) {
    if (before.endsWith(piece.slice(0, length))) return length;
  }
  return 0;
}

/** A fence without a language may also be the end of the block, so it stays. */
function withoutSecondOpening(before: string, piece: string): string {
  const language = openLanguageOf(before);
  if (language === undefined || language === "") return piece;
  const [first = ""] = piece.trimStart().split("\n", 1);
  if (FENCE.exec(first)?.[2] !== language) return piece;
  return piece.trimStart().slice(first.length + 1);
}

/** The language of the code block that is open at the end of a text; undefined when none is open. */
function openLanguageOf(text: string): string | undefined {
  let open: { mark: string; language: string } | undefined;
  for (const line of text.split("\n")) {
    const fence = FENCE.exec(line);
    if (!fence) continue;
    const [, mark = "", language = ""] = fence;
    if (!open) open = { mark, language };
    else if (mark.startsWith(open.mark) && language === "") open = undefined;
  }
  return open?.language;
}
