import { clipToWidth, displayWidth, fitToWidth, oneLine } from "./display-width.ts";
import { createPainter, type Tone } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";

export interface TableColumn {
  readonly head: string;
  readonly align?: "right";
  /** The greatest width. */
  readonly max?: number;
  /** Left out of a table that does not fit, the last such column first. */
  readonly optional?: true;
}

/** May be untrusted: the table makes text printable and clips it. */
export type TableCell = string | { readonly text: string; readonly tone: Tone | undefined };

const GAP = "  ";
/** Optional columns are left out to give the last column this width. */
const LAST_MIN = 20;

/** An aligned table. The last column takes the rest of the width. A table with only empty heads has no head line. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  { columns: width, color }: RenderOptions,
): string {
  const texts = rows.map((row) => columns.map((_, index) => oneLine(textOf(row[index]))));
  const natural = columns.map(({ head, max }, index) =>
    Math.min(
      max ?? Number.POSITIVE_INFINITY,
      texts.reduce((widest, row) => Math.max(widest, displayWidth(row[index] ?? "")), displayWidth(head)),
    ),
  );
  const widths = fitWidths(columns, natural, width);
  const paint = createPainter(color);
  const line = (cells: readonly string[], tones: readonly (Tone | undefined)[]): string => {
    const shown = columns.flatMap(({ align }, index) => {
      const columnWidth = widths[index] ?? 0;
      if (columnWidth === 0) return [];
      const cell = cells[index] ?? "";
      const isLast = index === columns.length - 1 && align !== "right";
      const fitted = isLast ? clipToWidth(cell, columnWidth) : fitToWidth(cell, columnWidth, align);
      return [paint(tones[index], fitted)];
    });
    return shown.join(GAP).trimEnd();
  };
  const heads = columns.map(({ head }) => head);
  return [
    ...(heads.some((head) => head !== "") ? [line(heads, Array(heads.length).fill("dim"))] : []),
    ...texts.map((cells, index) => line(cells, (rows[index] ?? []).map(toneOf))),
  ].join("\n");
}

function textOf(cell: TableCell | undefined): string {
  return typeof cell === "object" ? cell.text : (cell ?? "");
}

function toneOf(cell: TableCell): Tone | undefined {
  return typeof cell === "object" ? cell.tone : undefined;
}

/** Each column's width; 0 leaves it out. Leaves out empty columns too. */
function fitWidths(columns: readonly TableColumn[], natural: readonly number[], total: number): number[] {
  const widths = [...natural];
  const last = columns.length - 1;
  const others = () =>
    widths.slice(0, last).reduce((sum, width) => sum + (width > 0 ? width + GAP.length : 0), 0);
  const wanted = Math.min(LAST_MIN, natural[last] ?? 0);
  for (let index = last - 1; index >= 0 && others() + wanted > total; index--) {
    if (columns[index]?.optional) widths[index] = 0;
  }
  widths[last] = Math.max(1, Math.min(natural[last] ?? 0, total - others()));
  return widths;
}
