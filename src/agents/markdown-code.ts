const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/;

/**
 * The same text with everything that Markdown shows as code replaced by spaces: fenced blocks (an unclosed one
 * runs to the end) and code spans within a paragraph. Length and line breaks stay, so positions hold.
 */
export function blankOutCode(text: string): string {
  const lines = text.split("\n");
  const blanked: string[] = [];
  let paragraph: string[] = [];
  let fence: string | undefined;
  const endParagraph = () => {
    blanked.push(...blankOutSpans(paragraph.join("\n")).split("\n").slice(0, paragraph.length));
    paragraph = [];
  };
  for (const line of lines) {
    const marks: string | undefined = FENCE.exec(line)?.[1];
    const isBoundary = fence !== undefined || opensFence(line) || line.trim() === "";
    if (!isBoundary) {
      paragraph.push(line);
      continue;
    }
    endParagraph();
    blanked.push(" ".repeat(line.length));
    if (fence === undefined) fence = opensFence(line) ? marks : undefined;
    else if (closesFence(line, fence)) fence = undefined;
  }
  endParagraph();
  return blanked.join("\n");
}

/** A backtick fence cannot have backticks after its marks: that would be a code span. */
function opensFence(line: string): boolean {
  const match = FENCE.exec(line);
  return match !== null && !(match[1]?.startsWith("`") && match[2]?.includes("`"));
}

function closesFence(line: string, fence: string): boolean {
  const match = FENCE.exec(line);
  return match?.[1] !== undefined && match[2]?.trim() === "" && match[1].startsWith(fence);
}

/** Blanks spans between two runs of equally many backticks; a run without a partner is plain text. */
function blankOutSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(/(?<!\\)`+/g)].map((match) => ({
    start: match.index,
    length: match[0].length,
  }));
  const partners = partnersOf(runs.map((run) => run.length));
  let blanked = "";
  let position = 0;
  for (const [index, run] of runs.entries()) {
    const partner = runs[partners[index] ?? -1];
    if (run.start < position || !partner) continue;
    const end = partner.start + partner.length;
    blanked +=
      paragraph.slice(position, run.start) + paragraph.slice(run.start, end).replaceAll(/[^\n]/g, " ");
    position = end;
  }
  return blanked + paragraph.slice(position);
}

/** For each run the index of the next one of the same length, or -1. */
function partnersOf(lengths: readonly number[]): number[] {
  const nextOfLength = new Map<number, number>();
  const partners = lengths.map(() => -1);
  for (let index = lengths.length - 1; index >= 0; index--) {
    const length = lengths[index] ?? 0;
    partners[index] = nextOfLength.get(length) ?? -1;
    nextOfLength.set(length, index);
  }
  return partners;
}
