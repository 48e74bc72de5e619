/** Lines around a change. */
const CONTEXT = 3;
/** Above this many comparisons all lines between the first and the last change count as changed. */
const COMPARISONS = 4_000_000;

interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** The changes between two texts as a unified diff without file names; empty when they are equal. */
export function diffLines(before: string, after: string): string {
  const lines = markLines(linesOf(before), linesOf(after));
  const isNear = nearChanges(lines);
  const shown: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (const [index, line] of lines.entries()) {
    const { mark } = line;
    if (isNear[index] && !isNear[index - 1]) {
      let end = index;
      while (isNear[end]) end++;
      shown.push(hunkHead(lines.slice(index, end), oldLine, newLine));
    }
    if (isNear[index]) shown.push(...renderLine(line));
    if (mark !== "+") oldLine++;
    if (mark !== "-") newLine++;
  }
  return shown.join("\n");
}

/** Whether each line is a change or close to one. */
function nearChanges(lines: readonly DiffLine[]): boolean[] {
  const isNear = lines.map(() => false);
  for (const [index, { mark }] of lines.entries()) {
    if (mark !== " ") isNear.fill(true, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  }
  return isNear;
}

function hunkHead(lines: readonly DiffLine[], oldLine: number, newLine: number): string {
  const removed = lines.filter(({ mark }) => mark !== "+").length;
  const added = lines.filter(({ mark }) => mark !== "-").length;
  return `@@ -${removed === 0 ? oldLine - 1 : oldLine},${removed} +${added === 0 ? newLine - 1 : newLine},${added} @@`;
}

/** The lines with their line breaks: the last one may have none. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function renderLine({ mark, text }: DiffLine): string[] {
  if (text.endsWith("\n")) return [`${mark}${text.slice(0, -1)}`];
  return [`${mark}${text}`, "\\ No newline at end of file"];
}

function markLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (lines: readonly string[]) => lines.map((text) => ({ mark: " " as const, text }));
  return [
    ...same(before.slice(0, start)),
    ...changes(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** The fewest removed and added lines, by the longest common subsequence. */
function changes(before: readonly string[], after: readonly string[]): DiffLine[] {
  const removed = before.map((text) => ({ mark: "-" as const, text }));
  const added = after.map((text) => ({ mark: "+" as const, text }));
  if (before.length * after.length > COMPARISONS) return [...removed, ...added];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      lines.push({ mark: " ", text: before[row] ?? "" });
      row++;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) lines.push(...removed.slice(row, ++row));
    else lines.push(...added.slice(column, ++column));
  }
  return [...lines, ...removed.slice(row), ...added.slice(column)];
}
